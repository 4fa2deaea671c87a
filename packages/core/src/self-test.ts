import { hmac } from '#hmac';
import { within } from './deadline';
import { DriverError } from './driver-error';
import { allBodyHints, type FailureCode, failureOf } from './errors';
import type { Candidate } from './secrets';

/** Where the receiver is mounted: its URL, or the app's `fetch`. */
export type SelfTestTarget = string | URL | ((request: Request) => Response | Promise<Response>);

/** How a route is tested. */
export interface SelfTestOptions {
  /** With a secret function: whose secret signs. */
  readonly webhookId?: string | undefined;
  /** For how long the route may take, in milliseconds. Defaults to 7,000, after which Blue times out. */
  readonly timeoutMs?: number | undefined;
}

export const SELF_TEST_TIMEOUT_MS = 7_000;

/**
 * Sends a signed health check through the route.
 * @throws Error that says what is wrong with the route
 */
export async function sendSelfTest(
  target: SelfTestTarget,
  { key }: Candidate,
  webhookId: string,
  timeoutMs: number,
): Promise<void> {
  const inProcess = typeof target === 'function';
  const url = inProcess ? 'http://localhost/' : urlOf(target);
  const webhook = { id: webhookId, url, status: 'UNHEALTHY', enabled: false, metadata: { events: [], projectIds: [] } };
  const body = new TextEncoder().encode(JSON.stringify({ event: 'WEBHOOK_HEALTH_CHECK', webhook, sentAt: Date.now() }));
  const headers = { 'content-type': 'application/json', 'x-signature': await hmac.sign(key, body) };
  const aborting = new AbortController();
  const request = new Request(url, { method: 'POST', headers, body, redirect: 'manual', signal: aborting.signal });
  const late = () => new TimeoutError(`The self test was not answered within ${timeoutMs} milliseconds.`);
  const answering = (async () => {
    const response = await (inProcess ? target(request) : fetch(request));
    return { status: response.status, text: response.status === 204 ? '' : await response.text() };
  })();
  const { status, text } = await within(timeoutMs, answering, late).catch((error: unknown) => {
    aborting.abort();
    if (error instanceof TimeoutError) throw error;
    throw new Error('The self test did not reach the route: nothing answers there.', {
      cause: DriverError.from(error),
    });
  });
  if (status !== 204) throw new Error(`The self test was answered ${status}: ${reasonOf(status, text)}`);
}

/** @throws TypeError without the URL, which may hold a password: `new Request` and `new URL` quote it in theirs */
function urlOf(target: unknown): string {
  const url = URL.canParse(String(target)) ? new URL(String(target)) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url.href;
  throw new TypeError(
    'The target of selfTest must be an http or https URL without a user name and a password, or a function such as app.fetch.',
  );
}

class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

function reasonOf(status: number, body: string): string {
  const code = /^\{"error":"([A-Z_0-9]+)"\}$/.exec(body)?.[1];
  if (code === 'SIGNATURE_INVALID') {
    return 'the route has another secret than this receiver, or something changes the body or removes the X-Signature header before it.';
  }
  if (code === 'BODY_ALREADY_READ') return `${failureOf(code).message}\n${allBodyHints()}`;
  if (code && isFailure(code)) return failureOf(code).message;
  if (status === 404) return 'no route is mounted at this URL.';
  if (status === 405) return 'the route does not take POST.';
  if (status >= 300 && status < 400) return 'the route redirects, and Blue does not follow.';
  if (status === 401 || status === 403)
    return 'something in front of the route requires a login, which Blue cannot provide.';
  return 'something else than the receiver answers there, or stands in front of it.';
}

const isFailure = (code: string): code is FailureCode => failureOf(code as FailureCode) !== undefined;
