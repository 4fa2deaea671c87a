import { type BlueEvent, type Delivery, UnrecoverableError } from '@blue-webhooks/core';
import { count, DriverError, MAX_TIMER_MS } from '@blue-webhooks/core/adapter';
import type { PushErrorCode } from './errors';
import type { EventTokenIssuer } from './issuer';
import { type InsecureOption, secureUrl } from './secure-url';
import { textWithin } from './text-within';

/** The recipient and the issuer of pushed tokens. */
export interface PushEventTokensOptions extends InsecureOption {
  /** The recipient's URL for tokens. */
  readonly to: string | URL;
  /** Issues the tokens, for this recipient's audience. */
  readonly issuer: EventTokenIssuer | EventTokenIssuer<Delivery>;
  /** The `Authorization` header, if the recipient requires one (RFC 8935 section 3). */
  readonly authorization?: string | undefined;
  /** The timeout of a push, in milliseconds. Defaults to 5,000, less than Blue's timeout. */
  readonly timeoutMs?: number | undefined;
}

/** Pushes a delivery; throws if the recipient has not accepted it. */
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
   * The recipient's description, at most 500 characters. It may quote the event, so neither `util.inspect` nor a logger
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
 * Returns whether a retry can help. Keys, credentials and clocks can be corrected (recipients report a wrong clock as an
 * `invalid_request`); the issuer and the audience of the token cannot.
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
 * A handler, for a receiver or an inbox, that issues a token for each delivery and posts it (RFC 8935). It sends once; its
 * caller retries. A refusal that a retry cannot change is an `UnrecoverableError` with the `PushError` as its cause;
 * every other failure is a `PushError`.
 * @throws TypeError if the URL is invalid or without TLS, or the timeout is not a positive integer
 */
export function pushEventTokens(options: PushEventTokensOptions): PushHandler {
  const { issuer, authorization } = options;
  const url = secureUrl('to', options.to, options);
  const timeoutMs = count('timeoutMs', options.timeoutMs ?? 5_000, MAX_TIMER_MS);
  if (typeof issuer?.issue !== 'function') throw new TypeError('issuer must be created by createEventTokenIssuer.');
  const headers = {
    // RFC 8935 section 2.1
    'content-type': 'application/secevent+jwt',
    accept: 'application/json',
    ...(authorization !== undefined && { authorization }),
  };

  return async (_event, delivery) => {
    const { issue } = issuer as EventTokenIssuer<Delivery>; // which refuses unsigned deliveries unless they are allowed
    const body = await issue(delivery);
    const signal = AbortSignal.any([delivery.signal, AbortSignal.timeout(timeoutMs)]);
    const request: RequestInit = { method: 'POST', headers, body, redirect: 'manual', signal };
    const response = await fetch(url, request).catch((cause: unknown) => {
      throw new PushError('The recipient of event tokens did not respond.', { cause: DriverError.from(cause) });
    });
    if (response.status !== 400) await response.body?.cancel().catch(() => {}); // the connection may have broken after the response
    if (response.status === 202) return; // RFC 8935 section 2.2: the only status that means accepted
    const refusal = response.status === 400 ? await refusalIn(response) : { status: response.status };
    const error = new PushError(
      `The recipient of event tokens answered ${response.status}${refusal.err ? `, ${refusal.err}` : ''} instead of 202.`,
      refusal,
    );
    if (refusal.err === undefined || retryHelps[refusal.err]) throw error;
    throw new UnrecoverableError(error.message, { cause: error });
  };
}

/** The error object of RFC 8935 section 2.3, if the response is one. */
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
