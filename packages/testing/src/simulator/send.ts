import type { Clock } from './clock';

/** Sends a request to the receiver: `fetch`, or a handler in the same process such as `receiver.fetch`. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** How one attempt ended: with a status, or with the error that prevented a response. */
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

/** Sends one request and waits for its whole response, up to the sender's timeout. Never rejects. */
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
        redirect: 'manual', // a redirect would leave the configured receiver
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

/** Returns why there was no response: the reason is in the cause of the error of `fetch`. */
function reasonOf(error: unknown): string {
  const { cause = error } = Object(error) as { cause?: unknown };
  const { message, code } = Object(cause) as { message?: unknown; code?: unknown };
  return String(message || code || 'the request failed');
}
