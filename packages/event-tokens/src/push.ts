import { type BlueEvent, type Delivery, UnrecoverableError } from '@blue-webhooks/core';
import { DriverError } from '@blue-webhooks/core/adapter';
import type { PushErrorCode } from './errors';
import type { EventTokenIssuer } from './issuer';
import { type InsecureOption, secureUrl } from './secure-url';
import { textWithin } from './text-within';

/** Where tokens go, and what makes them. */
export interface PushEventTokensOptions extends InsecureOption {
  /** Where the recipient takes tokens. */
  readonly to: string | URL;
  /** Makes the tokens, for this recipient's audience. */
  readonly issuer: EventTokenIssuer | EventTokenIssuer<Delivery>;
  /** The `Authorization` header, where the recipient asks for one (RFC 8935 section 3). */
  readonly authorization?: string | undefined;
  /** Within how many milliseconds the recipient must answer. Defaults to 5,000, less than Blue's patience. */
  readonly timeoutMs?: number | undefined;
}

/** Hands a delivery on; throws if the recipient has not accepted it. */
export type PushHandler = (event: BlueEvent, delivery: Delivery) => Promise<void>;

/** The recipient has not accepted a token. */
export class PushError extends Error {
  override readonly name = 'PushError';
  /** The HTTP status, if it answered. */
  readonly status: number | undefined;
  /** The code of RFC 8935 section 2.4, if it gave one. */
  readonly err: PushErrorCode | undefined;
  readonly #description: string | undefined;

  constructor(message: string, answer: Partial<Refusal> & ErrorOptions = {}) {
    super(message, answer);
    this.status = answer.status;
    this.err = answer.err;
    this.#description = answer.description;
  }

  /**
   * What the recipient says about it, at most 500 characters. It may quote the event, so neither `util.inspect` nor a logger
   * prints it.
   */
  get description(): string | undefined {
    return this.#description;
  }
}

interface Refusal {
  readonly status: number;
  readonly err: PushErrorCode | undefined;
  readonly description: string | undefined;
}

/**
 * Whether sending the event again can help. Keys and credentials change, and so does a wrong clock, which recipients report
 * as an `invalid_request`; for whom the token is does not.
 */
const retryHelps: Readonly<Record<PushErrorCode, boolean>> = {
  invalid_request: true,
  invalid_key: true,
  invalid_issuer: false,
  invalid_audience: false,
  authentication_failed: true,
  access_denied: false,
};
const MAX_ANSWER_BYTES = 16_384;
const MAX_DESCRIPTION_LENGTH = 500;

/**
 * A handler, for a receiver or an inbox, that issues a token for each delivery and posts it (RFC 8935). It sends once: what
 * called it retries. A refusal that a retry cannot change is an `UnrecoverableError` with the `PushError` as its cause;
 * whatever else keeps the token from being accepted is a `PushError`.
 * @throws TypeError for a URL that is none or without TLS, and for a timeout that is not a positive integer
 */
export function pushEventTokens(options: PushEventTokensOptions): PushHandler {
  const { issuer, authorization, timeoutMs = 5_000 } = options;
  const url = secureUrl('to', options.to, options);
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0) {
    throw new TypeError('timeoutMs must be a positive integer of milliseconds.');
  }
  if (typeof issuer?.issue !== 'function') throw new TypeError('issuer must be made by createEventTokenIssuer.');
  const headers = {
    // RFC 8935 section 2.1
    'content-type': 'application/secevent+jwt',
    accept: 'application/json',
    ...(authorization !== undefined && { authorization }),
  };

  return async (_event, delivery) => {
    const { issue } = issuer as EventTokenIssuer<Delivery>; // which refuses what it may not vouch for
    const body = await issue(delivery);
    const signal = AbortSignal.any([delivery.signal, AbortSignal.timeout(timeoutMs)]);
    const request: RequestInit = { method: 'POST', headers, body, redirect: 'manual', signal };
    const response = await fetch(url, request).catch((cause: unknown) => {
      throw new PushError('The recipient of event tokens did not answer.', { cause: DriverError.from(cause) });
    });
    if (response.status !== 400) await response.body?.cancel().catch(() => {}); // a connection that broke after the answer
    if (response.status === 202) return; // RFC 8935 section 2.2: the only answer that means accepted
    const refusal = response.status === 400 ? await refusalIn(response) : { status: response.status };
    const error = new PushError(
      `The recipient of event tokens answered ${response.status}${refusal.err ? `, ${refusal.err}` : ''} instead of 202.`,
      refusal,
    );
    if (refusal.err === undefined || retryHelps[refusal.err]) throw error;
    throw new UnrecoverableError(error.message, { cause: error });
  };
}

/** The error object of RFC 8935 section 2.3, as far as the answer is one. */
async function refusalIn(response: Response): Promise<Partial<Refusal>> {
  const { status } = response;
  try {
    const { err, description } = JSON.parse(await textWithin(response, MAX_ANSWER_BYTES)) as Record<string, unknown>;
    if (typeof err !== 'string' || !Object.hasOwn(retryHelps, err)) return { status };
    const text = typeof description === 'string' ? description.slice(0, MAX_DESCRIPTION_LENGTH) : undefined;
    return { status, err: err as PushErrorCode, description: text };
  } catch {
    return { status };
  }
}
