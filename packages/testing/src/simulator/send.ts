import type { Clock } from './clock';

/** Takes a request to the receiver: `fetch`, or a handler in the same process such as `receiver.fetch`. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** How one attempt ended: with a status, or with the error that kept the answer away. */
export interface Answer {
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly durationMs: number;
}

export interface Sending {
  readonly url: URL;
  readonly body: string;
  readonly signature: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: Fetch;
}

/** Sends one request and waits for its whole answer, for so long as the sender does. Never rejects. */
export function send({ url, body, signature, timeoutMs, clock, fetch }: Sending): Promise<Answer> {
  const startedAtMs = clock.now();
  const controller = new AbortController();
  return new Promise((resolve) => {
    const end = (status: number | undefined, error?: string) => {
      callOff();
      resolve({ status, error, durationMs: clock.now() - startedAtMs });
    };
    const callOff = clock.schedule(() => {
      end(undefined, `no answer within ${timeoutMs} ms`);
      controller.abort();
    }, timeoutMs);
    const request = () =>
      new Request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-signature': signature },
        body,
        redirect: 'manual', // it would lead away from the receiver that was named
        signal: controller.signal,
      });
    exchange(request, fetch).then(end, (error) => end(undefined, reasonOf(error)));
  });
}

async function exchange(request: () => Request, fetch: Fetch): Promise<number> {
  const sent = request();
  const response = await fetch(sent);
  const reader = response.body?.getReader();
  while (reader && !sent.signal.aborted && !(await reader.read()).done);
  return response.status;
}

/** Why there was no answer: `fetch` itself only says that it failed, its cause says why. */
function reasonOf(error: unknown): string {
  const { cause = error } = Object(error) as { cause?: unknown };
  const { message, code } = Object(cause) as { message?: unknown; code?: unknown };
  return String(message || code || 'the request failed');
}
