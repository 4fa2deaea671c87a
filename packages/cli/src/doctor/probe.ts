import { type FailureCode, sign, WebhookError } from '@blue-webhooks/core';
import { type Answer, NoAnswer, post } from '../post';
import { printable } from '../printable';

/** How an endpoint answered a probe, and what that means. */
export interface Finding {
  readonly probe: ProbeName;
  /** Absent when no answer came. */
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
 * Sends an endpoint a genuine health check, whose formatting no serialiser keeps, and a forged one, and explains what it
 * answers. A health check does nothing at a receiver.
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
  // What a parser and a serialiser, or a wrong decoder, would not give back: three spaces, 1.0, characters outside ASCII.
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
  const fix = message.startsWith('no answer')
    ? 'Blue hangs up after 7 seconds and counts a failure: store the delivery, answer, and work afterwards.'
    : 'Is the server running, and is this its address?';
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
  const slow = durationMs > SLOW_MS ? ' But it is slow: Blue hangs up after 7 seconds.' : '';
  const explanation = isAccepted(answer) ? `A genuine delivery is accepted.${slow}` : refusalOf(answer);
  return { probe: name, status, ok: isAccepted(answer), durationMs, explanation };
}

function rewriting({ status, durationMs }: Answer): Finding {
  const explanation =
    'The same in compact ASCII is accepted: the endpoint does not verify the bytes that arrive, but a body that was parsed or decoded and written anew. Verify the raw bytes, before any parser.';
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
      `${what} is accepted: anyone who knows the URL can forge deliveries. Answer 401 before anything else is done.`,
    );
  }
  if (status === 401 || status === 403 || status === 400) return say(true, `${what} is refused.`);
  if (status >= 500)
    return say(false, `${what} makes the endpoint fail: answer 401, and let no forgery reach an error page.`);
  return say(status < 500 && status >= 400, `${what} is refused, though 401 would say why.`);
}

const statuses: Readonly<Record<number, string>> = {
  400: 'the endpoint does not understand the delivery: does it expect another body or another header?',
  401: 'the endpoint has another secret, changes the body before it verifies, or asks for a login. Compare the secrets; then doctor --body --signature on a delivery that it logged.',
  403: 'something in front of the endpoint refuses it: a login, a firewall, protection against CSRF.',
  404: 'no route is mounted at this URL.',
  405: 'the route does not take POST.',
  408: 'the endpoint did not get the whole body in time.',
  413: 'the endpoint takes no body of this size: raise its limit.',
  415: 'the endpoint does not take application/json.',
  429: 'something limits how often the endpoint may be called: exempt Blue, which would count this as a failure.',
};

/** What keeps a genuine delivery out. An endpoint of this library's says so itself. */
function refusalOf({ status, text, headers }: Answer): string {
  const code = /^\{"error":"([A-Z0-9_]+)"\}$/.exec(text)?.[1];
  const known = code === undefined || code === 'SIGNATURE_INVALID' ? undefined : messageOf(code);
  if (known !== undefined) return `A genuine delivery is refused: ${known}`;
  if (status >= 300 && status <= 399) {
    const to = typeof headers.location === 'string' ? ` to ${printable(headers.location, 120)}` : '';
    return `A genuine delivery is redirected${to}, and Blue does not follow: register the address that it leads to.`;
  }
  const reason =
    statuses[status] ??
    (status >= 500
      ? 'the endpoint fails: its log says why. A body that a parser has consumed is a usual cause.'
      : 'something else than a receiver answers there.');
  return `A genuine delivery is refused: ${reason}`;
}

function messageOf(code: string): string | undefined {
  try {
    return new WebhookError(code as FailureCode).message;
  } catch {
    return undefined; // not one of ours
  }
}
