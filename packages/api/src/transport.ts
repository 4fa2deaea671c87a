import { DriverError } from '@blue-webhooks/core/adapter';
import type { Clock } from './clock';
import { type ApiErrorCode, BlueApiError, type PlanLimit } from './errors';

/** Sends a request: the global `fetch`, or a function like it. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** The request. */
export interface Exchange {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operation: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly signal: AbortSignal | undefined;
}

/** A response without errors, and the values of its headers. */
export interface Answered {
  readonly data: Readonly<Record<string, unknown>>;
  /** The server's time, from `Date`. */
  readonly date: Date | undefined;
  /** How long to send nothing, in milliseconds, because no request is left in the server's window. */
  readonly pauseMs: number;
}

/**
 * Sends one request and reads the whole response.
 * @throws BlueApiError for every failure; the signal's reason if it aborts
 */
export async function exchange(sending: Exchange): Promise<Answered> {
  const { operation, clock } = sending;
  const release = clock.hold?.();
  try {
    const { status, headers, body } = await within(sending);
    return read(operation, status, headers, body);
  } finally {
    release?.();
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Races the request against its timeout, since a `fetch` may ignore its signal. */
function within({
  endpoint,
  headers,
  text,
  variables,
  operation,
  timeoutMs,
  clock,
  fetch,
  signal,
}: Exchange): Promise<Answer> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', abort);
    };
    const abort = () => {
      end();
      reject(signal?.reason);
      controller.abort();
    };
    const cancel = clock.schedule(() => {
      end();
      reject(new BlueApiError('TIMEOUT', { operation }));
      controller.abort();
    }, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    const send = async (): Promise<Answer> => {
      const request = new Request(endpoint, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query: text, variables }),
        redirect: 'manual', // the token must not be sent to another host
        signal: controller.signal,
      });
      const response = await fetch(request);
      return { status: response.status, headers: response.headers, body: await response.text() };
    };
    send().then(
      (answer) => {
        end();
        resolve(answer);
      },
      (cause: unknown) => {
        end();
        reject(new BlueApiError('NETWORK', { operation, cause: causeOf(cause, headers) }));
      },
    );
  });
}

/** What `fetch` threw, unless it quotes the token: a `fetch` of your own can. */
function causeOf(thrown: unknown, headers: Exchange['headers']): DriverError | undefined {
  const cause = DriverError.from(thrown);
  const token = headers['blue-token-secret'];
  for (let error: unknown = cause; error instanceof Error; error = error.cause) {
    if (token !== undefined && error.message.includes(token)) return undefined;
  }
  return cause;
}

interface Body {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[];
  readonly error?: unknown;
  readonly retryAfter?: unknown;
}

/** Reads the body whatever the status: errors come with 200 as well. */
function read(operation: string, status: number, headers: Headers, text: string): Answered {
  const body = parse(text);
  const date = dateOf(headers.get('date'));
  if (status === 429 || body?.error === 'RATE_LIMITED') {
    const retryAfterMs = retryAfterOf(headers, body, date);
    throw new BlueApiError('RATE_LIMITED', { operation, status, retryAfterMs });
  }
  if (!body) throw new BlueApiError('NOT_JSON', { operation, status });
  const first = body.errors?.[0];
  if (first) {
    const extensions = first.extensions ?? {};
    const code = codeOf(extensions.code, status);
    throw new BlueApiError(code, {
      operation,
      status,
      plan: code === 'PLAN_LIMIT_REACHED' ? planOf(extensions) : undefined,
    });
  }
  if (status === 401) throw new BlueApiError('UNAUTHENTICATED', { operation, status });
  if (!body.data || status >= 400) throw new BlueApiError('NOT_JSON', { operation, status });
  const remaining = headers.get('x-ratelimit-remaining');
  return { data: body.data, date, pauseMs: remaining === '0' ? (resetMs(headers, date) ?? 0) : 0 };
}

function parse(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
}

/** A code as Blue writes them; nothing else of a response may reach an error. */
function codeOf(code: unknown, status: number): ApiErrorCode {
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code)) return code;
  return status === 400 ? 'GRAPHQL_VALIDATION_FAILED' : 'INTERNAL_SERVER_ERROR';
}

function planOf({ kind, resource, current, limit }: Readonly<Record<string, unknown>>): PlanLimit {
  const word = (value: unknown) => (typeof value === 'string' && /^\w{1,60}$/.test(value) ? value : undefined);
  const count = (value: unknown) => (typeof value === 'number' ? value : undefined);
  return { kind: word(kind), resource: word(resource), current: count(current), limit: count(limit) };
}

/** `Retry-After`, else the body's `retryAfter`, else `X-RateLimit-Reset`; all in seconds. */
function retryAfterOf(headers: Headers, body: Body | undefined, date: Date | undefined): number | undefined {
  const header = headers.get('retry-after');
  if (header && /^\d{1,6}$/.test(header)) return Number(header) * 1_000;
  if (typeof body?.retryAfter === 'number' && body.retryAfter >= 0) return body.retryAfter * 1_000;
  return resetMs(headers, date);
}

/** The time until the server's window has room again, by the server's clock. */
function resetMs(headers: Headers, date: Date | undefined): number | undefined {
  const reset = headers.get('x-ratelimit-reset');
  if (!date || !reset || !/^\d{1,12}$/.test(reset)) return undefined;
  return Math.max(0, Number(reset) * 1_000 - date.getTime());
}

function dateOf(header: string | null): Date | undefined {
  const date = header ? new Date(header) : undefined;
  return date && Number.isFinite(date.getTime()) ? date : undefined;
}
