import { branded } from './brand';

export interface Failure {
  readonly status: number;
  /** The likely cause and the cure, for the person who runs the receiver. */
  readonly message: string;
  /** What the answer names instead of the code, where the code would help a forger. */
  readonly answer?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const SIGNATURE_INVALID = 'SIGNATURE_INVALID';

/** Every way in which a delivery can fail: the one place for what the sender is answered. */
const failures = {
  SIGNATURE_MISSING: {
    status: 401,
    answer: SIGNATURE_INVALID,
    message:
      'The request has no X-Signature header: it does not come from Blue, a proxy removes the header, or the webhook is unsigned (only then set allowUnsigned).',
  },
  SIGNATURE_MALFORMED: {
    status: 401,
    answer: SIGNATURE_INVALID,
    message:
      'The X-Signature header is not exactly 64 lowercase hex characters, once: pass the header on unchanged, without a prefix.',
  },
  SIGNATURE_MISMATCH: {
    status: 401,
    answer: SIGNATURE_INVALID,
    message:
      'The signature does not match the body: the secret belongs to another webhook, the body was changed on the way (a parser, a proxy), or the delivery is forged.',
  },
  SECRET_UNKNOWN: {
    status: 401,
    answer: SIGNATURE_INVALID,
    message: 'No secret is known for this webhook: configure one, or let the secret function return it.',
  },
  SECRET_LOOKUP_FAILED: {
    status: 503,
    message:
      'The secret function threw, returned something that is not a secret, or outlasted the deadline; see `cause`. Blue will send the delivery again.',
  },
  BODY_TOO_LARGE: { status: 413, message: 'The body is larger than maxBodyBytes.' },
  BODY_TIMEOUT: {
    status: 408,
    message: 'The body did not arrive within bodyTimeoutMs.',
    headers: { connection: 'close' }, // RFC 9110 section 15.5.9
  },
  BODY_INCOMPLETE: { status: 400, message: 'The connection ended before the whole body had arrived.' },
  BODY_ENCODED: {
    status: 415,
    message: 'The body has a Content-Encoding. Blue sends none: a proxy compresses requests; disable that.',
  },
  BODY_NOT_UTF8: { status: 400, message: 'The body is signed, but it is not valid UTF-8.' },
  BODY_NOT_JSON: { status: 400, message: 'The body is signed, but it is not a JSON object.' },
  EVENT_MISSING: {
    status: 400,
    message: 'The body is signed, but it contains no event: `event` must be a non-empty string.',
  },
  BODY_ALREADY_READ: {
    status: 500,
    message:
      'The raw body is gone: a parser or a middleware that ran earlier consumed it, and only the original bytes can be verified.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: 'Blue delivers with POST; this request has another method.',
    headers: { allow: 'POST' },
  },
  HANDLER_FAILED: { status: 500, message: 'A handler failed; see `cause`.' },
  IN_PROGRESS: {
    status: 409,
    message:
      'The handlers of an earlier attempt at this delivery were still running at the deadline, here or in another process.',
  },
  LEASE_LOST: {
    status: 503,
    message:
      'The lease on this delivery lapsed while its handlers ran (the process was blocked, or the ledger was down), and another process took it: its handlers may have run twice.',
  },
  HANDLED_AFTER_DEAD_LETTER: {
    status: 503,
    message:
      'The handlers ended after the delivery had been moved to the dead letters. Unless HANDLER_FAILED was reported for it as well, they succeeded, and you can drop the dead letter.',
  },
  LEDGER_FAILED: {
    status: 503,
    message:
      'The ledger threw or did not answer within a second; see `cause`. The delivery was handled nevertheless, so that Blue does not count a failure: a duplicate may be handled twice.',
  },
  DEAD_LETTER_FAILED: {
    status: 500,
    message: 'deadLetter threw or was too slow; see `cause`. The delivery is not acknowledged: Blue sends it again.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    message: 'The inbox could not store the delivery; see `cause`. Blue will send it again.',
  },
  DEADLINE_EXCEEDED: {
    status: 503,
    message:
      'The handlers were still running at the deadline (deadlineMs); Blue times out after 7 seconds. Do slow work after answering: store the delivery first.',
  },
} as const satisfies Record<string, Failure>;

/** The name of a failure; `switch (error.code)` narrows to them. */
export type FailureCode = keyof typeof failures;

/** A failure's row of the table. */
export const failureOf = (code: FailureCode): Failure => failures[code];

const brand = Symbol.for('blue-webhooks.WebhookError');
const unrecoverable = Symbol.for('blue-webhooks.UnrecoverableError');

/** Where a receiver is mounted, as far as the cure for a consumed body depends on it. */
export type Host = 'aws-lambda' | 'express' | 'hono' | 'koa';

/** How each host keeps the raw body. */
const bodyHints: Readonly<Record<Host | 'none', string>> = {
  'aws-lambda':
    'Remove the middleware that parses or decodes `event.body` (in Middy: httpJsonBodyParser) from this function: blueWebhook needs the event as AWS sends it.',
  express:
    'Either mount the webhook route before the parser:\n' +
    "  app.post('/webhooks/blue', blueWebhook(receiver));\n" +
    '  app.use(express.json());\n' +
    'or let the parser keep the bytes: app.use(express.json({ verify: keepRawBody })).',
  hono: 'Read the body with c.req.text() or c.req.arrayBuffer(), which keep it for the webhook route, not from c.req.raw and not with c.req.formData().',
  koa: 'Mount the webhook route before the body parser, or pass on the text that the parser keeps: ctx.req.rawBody = ctx.request.rawBody.',
  none: 'Mount the webhook before anything that reads the body, or pass on the bytes as they arrived (in Koa: ctx.req.rawBody = ctx.request.rawBody).',
};

/** The cure for a consumed body on a host. */
export const bodyHintOf = (host: Host | undefined): string =>
  host !== undefined && Object.hasOwn(bodyHints, host) ? bodyHints[host] : bodyHints.none;

/** The cures for every host, for a caller that does not know which one it is. */
export const allBodyHints = (): string =>
  [
    `Express: ${bodyHints.express}`,
    `Hono: ${bodyHints.hono}`,
    `Koa: ${bodyHints.koa}`,
    `AWS Lambda: ${bodyHints['aws-lambda']}`,
  ].join('\n');

/** Why a delivery was not accepted. Holds no secret, no signature and nothing of the body. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
  readonly code: FailureCode;
  /** The HTTP status that answers the sender. */
  readonly status: number;
  /** Headers that belong to the answer, such as `allow`; Express's error page sends them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Makes error pages that follow the convention of `http-errors` (Koa, Connect) hide the message. */
  readonly expose = false;
  /** Declared, not initialised: a bundler cannot leave out a class with a computed field. */
  declare readonly [brand]: true;

  constructor(code: FailureCode, options: ErrorOptions & { hint?: string | undefined } = {}) {
    const { hint } = options;
    // What arrives causes this, not a bug: frames would double the time it takes, and would only show a server's paths on a
    // framework's error page.
    const { stackTraceLimit } = Error;
    Reflect.set(Error, 'stackTraceLimit', 0); // without effect, and without a throw, where Error is frozen
    super(hint ? `${failures[code].message} ${hint}` : failures[code].message, options);
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    this[brand] = true;
    this.code = code;
    this.status = failureOf(code).status;
    this.headers = failureOf(code).headers ?? {};
    // Without the hint, which can name a secret: in development, Express's error page shows the stack.
    this.stack = `${this.name} [${code}]: ${failures[code].message}`;
  }

  /** Recognises it across two copies of this package, where `instanceof` fails. */
  static is(error: unknown): error is WebhookError {
    return branded(error, brand);
  }
}

/**
 * Why a delivery is not accepted, as a value: a flood of forgeries makes errors only where somebody receives them, and an error
 * takes longer to make than a signature to check.
 */
export class Refusal {
  readonly code: FailureCode;
  readonly #hint: string | undefined;

  constructor(code: FailureCode, hint?: string) {
    this.code = code;
    this.#hint = hint;
  }

  toError(): WebhookError {
    return new WebhookError(this.code, { hint: this.#hint });
  }
}

/** Throw it from a handler when trying again cannot help: the delivery is acknowledged, the failure reported. */
export class UnrecoverableError extends Error {
  override readonly name = 'UnrecoverableError';
  declare readonly [unrecoverable]: true;

  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
    this[unrecoverable] = true;
  }

  /** Recognises it across two copies of this package, where `instanceof` fails. */
  static is(error: unknown): error is UnrecoverableError {
    return branded(error, unrecoverable);
  }
}
