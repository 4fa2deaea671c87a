import {
  type DeliveryHandler,
  type FetchRequest,
  type Ledger,
  type Outcome,
  type RawDelivery,
  UnrecoverableError,
  type WaitUntil,
  type WaitUntilOption,
  WebhookError,
} from '@blue-webhooks/core';
import { count, MAX_TIMER_MS, notify, readBody, requireFunctions, toRawDelivery } from '@blue-webhooks/core/adapter';
import { EventTokenError } from './errors';
import { type Expectation, expectationOf, type VerifyEventTokenOptions } from './expectation';
import { turnsOf } from './lease';
import type { VerifiedEventToken } from './verified-event-token';
import { verifyAgainst } from './verify';

/** Which tokens are accepted, and how duplicates are recognised. */
export interface ReceiveEventTokensOptions extends VerifyEventTokenOptions, WaitUntilOption {
  /** Records tokens by their `jti`, so that a duplicate is acknowledged but not handled twice: `memoryLedger()`. */
  readonly ledger?: Ledger | undefined;
  /** The timeout for reading a token, in milliseconds. Defaults to 5,000. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Called for every token that was not accepted, and for later failures. Its errors are ignored. */
  readonly onFailure?:
    | ((error: EventTokenError | WebhookError, context: { jti: string | undefined }) => unknown)
    | undefined;
}

/**
 * Handles a token. If it throws, the transmitter retries; an `UnrecoverableError` is only reported, since a retry cannot
 * help. Store first and work later: the transmitter waits a few seconds.
 */
export type EventTokenHandler = (token: VerifiedEventToken) => unknown;

/** The recipient's endpoint. As a `DeliveryHandler` it works with every adapter: `blueWebhook(tokens)` for Express, Hono, Lambda. */
export interface EventTokenReceiver extends DeliveryHandler {
  /** Handles a raw request and resolves with the response. Never rejects for invalid input. */
  readonly handle: (raw: RawDelivery) => Promise<Outcome>;
  /**
   * Handles a Fetch request: Workers, Bun, Deno, Next.js. Needs no `this`. `context` are the arguments that the platform passes
   * after the request: the first that has `waitUntil` keeps promises of `onFailure` alive.
   */
  readonly fetch: (request: FetchRequest, ...context: readonly unknown[]) => Promise<Response>;
}

type Failure = EventTokenError | WebhookError;

/**
 * Receives tokens over HTTP as RFC 8935 defines: 202 when the handler is done, 400 with an error object for a refused token,
 * and 409, 500 or 503 if a retry can help.
 * @throws TypeError if an option is missing or unsafe, like `verifyEventToken`, or for a ledger that lacks a method
 */
export function receiveEventTokens(options: ReceiveEventTokensOptions, handler: EventTokenHandler): EventTokenReceiver {
  const expected = expectationOf(options);
  const { ledger, onFailure, waitUntil } = options;
  requireFunctions({ onFailure, waitUntil });
  const takeTurn = turnsOf(ledger);
  const bodyTimeoutMs = count('bodyTimeoutMs', options.bodyTimeoutMs ?? 5_000, MAX_TIMER_MS);
  if (typeof handler !== 'function')
    throw new TypeError('The handler must be a function: receiveEventTokens(options, handler).');

  function report(keep: WaitUntil | undefined, error: Failure, token: VerifiedEventToken | undefined): void {
    notify(keep, onFailure, error, { jti: token?.jti });
  }

  async function read(raw: RawDelivery): Promise<VerifiedEventToken> {
    if (raw.method !== 'POST') throw new WebhookError('METHOD_NOT_ALLOWED');
    if (!isMediaType(raw.header('content-type'))) throw new EventTokenError('MEDIA_TYPE');
    const bytes = await readBody(raw, { maxBodyBytes: expected.maxTokenBytes, bodyTimeoutMs });
    return verifyAgainst(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), expected);
  }

  /** Runs the handler, unless the token was handled before. Returns the reason if it failed. */
  async function run(token: VerifiedEventToken, keep: WaitUntil | undefined): Promise<Failure | undefined> {
    const turn = await takeTurn(await ledgerId(token, expected), (error) => report(keep, error, token));
    if (turn.state === 'done') return undefined;
    if (turn.state === 'in-progress') return new EventTokenError('IN_PROGRESS');
    try {
      await handler(token);
    } catch (cause) {
      const error = new EventTokenError('HANDLER_FAILED', { cause });
      if (!UnrecoverableError.is(cause)) {
        await turn.fail();
        return error;
      }
      report(keep, error, token);
    }
    await turn.finish();
    return undefined;
  }

  async function handle(raw: RawDelivery): Promise<Outcome> {
    const startedAt = performance.now();
    const keep = raw.waitUntil ?? waitUntil;
    let token: VerifiedEventToken | undefined;
    let failure: Failure | undefined;
    try {
      token = await read(raw);
      failure = await run(token, keep);
    } catch (error) {
      if (!EventTokenError.is(error) && !WebhookError.is(error)) throw error;
      failure = error;
    }
    if (failure) report(keep, failure, token);
    return {
      ...answerTo(failure),
      code: WebhookError.is(failure) ? failure.code : undefined,
      deliveryId: token?.jti,
      event: token?.event?.event ?? token?.reference?.event,
      webhookId: undefined,
      duplicate: false,
      durationMs: performance.now() - startedAt,
    };
  }

  return {
    handle,
    async fetch(request, ...context) {
      const { status, headers, body } = await handle(toRawDelivery(request, ...context));
      return new Response(body, { status, headers });
    },
  };
}

/** Several recipients and the gateway can share one ledger: each uses a different id for this delivery. */
async function ledgerId({ jti, issuer, audience }: VerifiedEventToken, expected: Expectation): Promise<string> {
  const ours = expected.audience.find((name) => audience.includes(name));
  const digest = await crypto.subtle.digest('SHA-256', encoder.encode(JSON.stringify([issuer, ours, jti])));
  // A digest, because a ledger takes ids of at most 64 characters.
  return `event-token:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, ID_LENGTH)}`;
}

const ID_LENGTH = 32;
const encoder = new TextEncoder();

function isMediaType(header: string | readonly string[] | null | undefined): boolean {
  const [type = ''] = String(header ?? '').split(';');
  return type.trim().toLowerCase() === 'application/secevent+jwt';
}

function answerTo(failure: Failure | undefined): Pick<Outcome, 'status' | 'headers' | 'body'> {
  if (!failure) return { status: 202, headers: {}, body: null }; // RFC 8935 section 2.2: with an empty body
  const { status } = failure;
  if (status === 405) return { status, headers: { allow: 'POST' }, body: null };
  if (status !== 400) return { status, headers: {}, body: null };
  // RFC 8935 section 2.3: an error object, and the language that its description is in.
  const err = (EventTokenError.is(failure) && failure.err) || 'invalid_request';
  return {
    status,
    headers: { 'content-type': 'application/json', 'content-language': 'en' },
    body: JSON.stringify({ err, description: failure.message }),
  };
}
