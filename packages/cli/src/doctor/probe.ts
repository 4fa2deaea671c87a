import { type FailureCode, sign, WebhookError } from '@blue-webhooks/core';
import { type Answer, NoAnswer, post } from '../post';
import { printable } from '../printable';

/** An endpoint's response to a probe, and what it means. */
export interface Finding {
  readonly probe: ProbeName;
  /** `undefined` if there was no response. */
  readonly status: number | undefined;
  readonly ok: boolean;
  readonly durationMs: number | undefined;
  readonly explanation: string;
}

type ProbeName = 'signed' | 'signed, plain' | 'forged' | 'unsigned';

/** As long as Blue waits. */
const TIMEOUT_MS = 7_000;
const SLOW_MS = 5_000;

/**
 * Sends an endpoint a genuine health check whose formatting no serialiser preserves, a forged and an unsigned one, and explains
 * the responses. A health check has no effect on a receiver.
 */
export async function probe(url: URL, secret: string, signal: AbortSignal): Promise<readonly Finding[]> {
  const webhook = {
    id: 'doctor',
    url: url.href,
    status: 'HEALTHY',
    enabled: true,
    metadata: { events: [], projectIds: [] },
  };
  const payload = { event: 'WEBHOOK_HEALTH_CHECK', webhook, sentAt: Date.now() };
  // What a parser and a serialiser, or a wrong decoder, would not preserve: three spaces, 1.0, characters outside ASCII.
  const odd = Buffer.from(`${JSON.stringify(payload, null, 3).slice(0, -2)},\n   "note": "é ✓", "number": 1.0 }\n`);
  const plain = Buffer.from(JSON.stringify(payload));
  const ask = (body: Uint8Array, signature: string | undefined) => send(url, body, signature, signal);

  const signature = await sign(odd, secret);
  const first = await ask(odd, signature);
  if (first instanceof NoAnswer) return [silent('signed', first)];
  const findings = [signedFinding('signed', first)];
  if (!isAccepted(first)) {
    const second = await ask(plain, await sign(plain, secret));
    if (!(second instanceof NoAnswer) && isAccepted(second)) findings.push(rewriting(second));
  }
  const last = signature.at(-1) === '0' ? '1' : '0';
  findings.push(forgedFinding('forged', await ask(odd, signature.slice(0, -1) + last)));
  findings.push(forgedFinding('unsigned', await ask(odd, undefined)));
  return findings;
}

async function send(
  url: URL,
  body: Uint8Array,
  signature: string | undefined,
  signal: AbortSignal,
): Promise<Answer | NoAnswer> {
  const headers = ['Content-Type', 'application/json', ...(signature === undefined ? [] : ['X-Signature', signature])];
  try {
    return await post({ url, headers, body, timeoutMs: TIMEOUT_MS, signal });
  } catch (error) {
    if (error instanceof NoAnswer) return error;
    throw error;
  }
}

const isAccepted = ({ status }: Answer) => status >= 200 && status <= 299;

function silent(name: ProbeName, { message }: NoAnswer): Finding {
  const fix = message.startsWith('no response')
    ? 'Blue times out after 7 seconds and counts a failure: store the delivery, respond, and handle it afterwards.'
    : 'Check that the server is running and that this is its address.';
  return {
    probe: name,
    status: undefined,
    ok: false,
    durationMs: undefined,
    explanation: `${printable(message, 200)}. ${fix}`,
  };
}

function signedFinding(name: ProbeName, answer: Answer): Finding {
  const { status, durationMs } = answer;
  const slow = durationMs > SLOW_MS ? ' But the response is slow: Blue times out after 7 seconds.' : '';
  const explanation = isAccepted(answer) ? `A genuine delivery is accepted.${slow}` : refusalOf(answer);
  return { probe: name, status, ok: isAccepted(answer), durationMs, explanation };
}

function rewriting({ status, durationMs }: Answer): Finding {
  const explanation =
    'The same delivery in compact ASCII is accepted: the endpoint verifies a body that was parsed or decoded and serialised again. Verify the raw bytes, before any parser.';
  return { probe: 'signed, plain', status, ok: false, durationMs, explanation };
}

function forgedFinding(name: 'forged' | 'unsigned', answer: Answer | NoAnswer): Finding {
  if (answer instanceof NoAnswer) return silent(name, answer);
  const { status, durationMs } = answer;
  const what = name === 'forged' ? 'A wrong signature' : 'A missing signature';
  const say = (ok: boolean, explanation: string): Finding => ({ probe: name, status, ok, durationMs, explanation });
  if (isAccepted(answer)) {
    return say(
      false,
      `${what} is accepted: anyone who knows the URL can forge deliveries. Respond with 401 before doing anything else.`,
    );
  }
  if (status === 401 || status === 403 || status === 400) return say(true, `${what} is refused.`);
  if (status >= 500) return say(false, `${what} makes the endpoint fail: respond with 401 instead of an error page.`);
  return say(status < 500 && status >= 400, `${what} is refused, but 401 would be the right status.`);
}

const statuses: Readonly<Record<number, string>> = {
  400: 'the endpoint does not understand the delivery: does it expect another body or another header?',
  401: 'the endpoint has another secret, changes the body before it verifies, or requires a login, which Blue cannot provide. Compare the secrets, then run doctor --body --signature on a delivery that it logged.',
  403: 'something in front of the endpoint refuses it: a login, a firewall, CSRF protection.',
  404: 'no route is mounted at this URL.',
  405: 'the route does not accept POST.',
  408: 'the endpoint did not receive the whole body in time.',
  413: 'the endpoint does not accept a body of this size: raise its limit.',
  415: 'the endpoint does not accept application/json.',
  429: 'a rate limit applies to the endpoint: exempt Blue, which counts this as a failure.',
};

/** Explains why a genuine delivery is refused. A receiver of this library sends the code. */
function refusalOf({ status, text, headers }: Answer): string {
  const code = /^\{"error":"([A-Z0-9_]+)"\}$/.exec(text)?.[1];
  const known = code === undefined || code === 'SIGNATURE_INVALID' ? undefined : messageOf(code);
  if (known !== undefined) return `A genuine delivery is refused: ${known}${cureOf(code)}`;
  if (status >= 300 && status <= 399) {
    const to = typeof headers.location === 'string' ? ` to ${printable(headers.location, 120)}` : '';
    return `A genuine delivery is redirected${to}, and Blue does not follow redirects: register the target URL.`;
  }
  const reason =
    statuses[status] ??
    (status >= 500
      ? 'the endpoint fails: see its log. A common cause is that a parser already consumed the raw body.'
      : 'the server at this URL is not a receiver.');
  return `A genuine delivery is refused: ${reason}`;
}

/** The probe cannot know the framework, so this cure is the one that fits all of them. */
const cureOf = (code: string | undefined): string =>
  code === 'BODY_ALREADY_READ' ? ' Mount the webhook route before the parser, or keep the raw bytes for it.' : '';

function messageOf(code: string): string | undefined {
  try {
    return new WebhookError(code as FailureCode).message;
  } catch {
    return undefined; // not a code of this library
  }
}
