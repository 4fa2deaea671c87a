import { branded } from '@blue-webhooks/core/adapter';

/** The error codes of a recipient that refuses a token (RFC 8935 section 2.4). */
export type PushErrorCode =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed'
  | 'access_denied';

interface Failure {
  /** The HTTP status of the response to the transmitter. */
  readonly status: number;
  /** The error code in the response, with the message as its description (RFC 8935 section 2.4). */
  readonly err?: PushErrorCode;
  /** The likely cause and the fix; contains no part of the token. */
  readonly message: string;
}

/** Every failure of a token, with the response to the transmitter. */
const failures = {
  TOKEN_MALFORMED: {
    status: 400,
    err: 'invalid_request',
    message:
      'This is not a signed token: three parts of base64url without padding, JSON objects whose names occur once, no critical extensions, not encrypted and not nested.',
  },
  TOKEN_TOO_LARGE: {
    status: 413,
    message:
      'The token is larger than maxTokenBytes: let the issuer send references (maxPayloadBytes) or raise the limit.',
  },
  TOKEN_TYPE: {
    status: 400,
    err: 'invalid_request',
    message:
      "The token's typ is not secevent+jwt: it is another kind of token, such as an ID token or an access token.",
  },
  TOKEN_ALGORITHM: {
    status: 400,
    err: 'invalid_key',
    message:
      'The token is signed with an algorithm that is not accepted here. Symmetric algorithms and none never are.',
  },
  TOKEN_KEY: {
    status: 400,
    err: 'invalid_key',
    message:
      "None of the issuer's keys fits the token (its kid, algorithm and kind). After a change of keys: was the new one published before it signed?",
  },
  TOKEN_SIGNATURE: {
    status: 400,
    err: 'authentication_failed',
    message: 'The signature does not match: the token was changed, or signed with another key.',
  },
  TOKEN_ISSUER: { status: 400, err: 'invalid_issuer', message: 'The token comes from another issuer.' },
  TOKEN_AUDIENCE: { status: 400, err: 'invalid_audience', message: 'The token is meant for another audience.' },
  // A wrong clock, here or at the issuer, can be corrected. RFC 8935 has no code for it, and each of its
  // refusals could make a transmitter drop the event.
  TOKEN_EXPIRED: {
    status: 503,
    message:
      'The token is older than maxAgeMs, or its expiry has passed. If it was issued just now, a clock is wrong: compare the clocks of this host and of the issuer.',
  },
  TOKEN_FROM_FUTURE: {
    status: 503,
    message:
      'The token was issued in the future: a clock is wrong by more than clockToleranceMs. Compare the clocks of this host and of the issuer.',
  },
  TOKEN_CLAIMS: {
    status: 400,
    err: 'invalid_request',
    message: 'The token lacks a claim that a Security Event Token needs, or carries one of another shape.',
  },
  KEYS_UNAVAILABLE: {
    status: 503,
    message: "The issuer's keys could not be fetched or read; see `cause`. Sending the token again later helps.",
  },
  MEDIA_TYPE: {
    status: 400,
    err: 'invalid_request',
    message: 'The Content-Type is not application/secevent+jwt.',
  },
  IN_PROGRESS: { status: 409, message: 'The same token is being handled right now, here or in another process.' },
  LEDGER_FAILED: { status: 503, message: 'The ledger threw; see `cause`.' },
  HANDLER_FAILED: { status: 500, message: 'The handler failed; see `cause`.' },
  DELIVERY_UNSIGNED: {
    status: 500,
    message:
      'The delivery is unsigned, so the issuer cannot vouch for it. To issue tokens for unsigned deliveries nevertheless: createEventTokenIssuer({ allowUnsigned: true, … }).',
  },
} as const satisfies Record<string, Failure>;

/** The name of a failure; `switch (error.code)` narrows to them. */
export type EventTokenErrorCode = keyof typeof failures;

const brand = Symbol.for('blue-webhooks.EventTokenError');

/** Why a token was not issued or not accepted. Contains no key and no part of the token. */
export class EventTokenError extends Error {
  override readonly name = 'EventTokenError';
  readonly code: EventTokenErrorCode;
  /** The HTTP status of the response to the transmitter. */
  readonly status: number;
  /** The error code of RFC 8935 section 2.4, if the token was refused. */
  readonly err: PushErrorCode | undefined;
  readonly [brand] = true;

  constructor(code: EventTokenErrorCode, options?: ErrorOptions) {
    const { message, status, err }: Failure = failures[code];
    super(message, options);
    this.code = code;
    this.status = status;
    this.err = err;
    // Caused by input, not by a bug: the stack would only show a server's paths on a framework's error page.
    Object.defineProperty(this, 'stack', { value: `${this.name} [${code}]: ${message}`, configurable: true });
  }

  /** Recognises the error across two copies of this package, where `instanceof` fails. */
  static is(error: unknown): error is EventTokenError {
    return branded(error, brand);
  }
}
