import {
  type Authenticate,
  createAuthenticate,
  createKeyring,
  type Keyring,
  type SecretOptions,
  type VerifiedBody,
} from './authenticate';
import { Deadline } from './deadline';
import type { Delivery, RawDelivery } from './delivery';
import { Refusal, WebhookError } from './errors';
import type { BlueEvent } from './events';
import { type FetchRequest, toRawDelivery } from './fetch';
import { type LimitOptions, type Limits, limitsOf } from './limits';
import { type ParsedBody, parse } from './parse';
import { proceed } from './proceed';
import { bytesWithin } from './read';
import type { Drift } from './shape';
import { type Body, rawBytes, type SignatureHeader } from './signature';

/** The stages before the handlers, for one endpoint: read, verify, parse. Throws a `WebhookError` for other failures. */
export type Verifier = (raw: RawDelivery, deadline: Deadline) => Delivery | Refusal | Promise<Delivery | Refusal>;

/** Joins the stages before the handlers. */
export function createVerifier(keyring: Keyring, limits: Limits, useAliases = true): Verifier {
  const authenticate = createAuthenticate(keyring);
  return (raw, deadline) => {
    if (raw.method !== 'POST') throw new WebhookError('METHOD_NOT_ALLOWED');
    return proceed(bytesWithin(raw, limits), (bytes) => {
      const signature = raw.header('x-signature');
      const shared = typeof raw.body !== 'function';
      const body = authenticate({ bytes, shared, signature, request: raw.request, deadline });
      return deliver(body, deadline, useAliases);
    });
  };
}

/** A class, because an object with a getter of its own takes five times as long to make. */
class VerifiedDelivery implements Delivery {
  readonly id: string;
  readonly event: BlueEvent;
  readonly signature: 'verified' | 'unsigned';
  readonly secretId: string | undefined;
  readonly receivedAt = new Date();
  readonly attempt = undefined;
  readonly rawBody: string;
  readonly drift: readonly Drift[];
  readonly #deadline: Deadline;

  constructor(body: VerifiedBody, { event, drift, rawBody }: ParsedBody, deadline: Deadline) {
    this.id = body.id;
    this.event = event;
    this.signature = body.signature;
    this.secretId = body.secretId;
    this.rawBody = rawBody;
    this.drift = drift;
    this.#deadline = deadline;
  }

  get signal(): AbortSignal {
    return this.#deadline.signal;
  }
}

const deliver = (
  body: ReturnType<Authenticate>,
  deadline: Deadline,
  useAliases: boolean,
): Delivery | Refusal | Promise<Delivery | Refusal> =>
  proceed(body, (verified) =>
    verified instanceof Refusal ? verified : new VerifiedDelivery(verified, parse(verified, useAliases), deadline),
  );

/** @throws WebhookError for a refusal */
export function accepted(delivery: Delivery | Refusal): Delivery {
  if (delivery instanceof Refusal) throw delivery.toError();
  return delivery;
}

/** One delivery and what it is verified with. */
export type VerifyOptions = SecretOptions & {
  /** The raw body as it arrived: bytes, or text that is hashed as UTF-8. Never a parsed object. */
  readonly body: Body;
  /** The value of the `X-Signature` header. */
  readonly signature: SignatureHeader;
};

/**
 * Verifies one delivery and returns it with its typed event: the whole of a serverless function's work.
 * @throws WebhookError with the code that says why it is not accepted
 * @throws TypeError if `body` is a parsed object, or a secret is missing, empty or blank
 */
export async function verify(options: VerifyOptions): Promise<Delivery> {
  const deadline = new Deadline(limitsOf({}).deadlineMs);
  const { body, signature } = options;
  const authenticate = createAuthenticate(createKeyring(options));
  const verified = authenticate({ bytes: rawBytes(body), shared: true, signature, deadline });
  return proceed(deliver(verified, deadline, true), accepted);
}

/** What `safeVerify` returns: the delivery, or why it is not accepted. */
export type VerifyResult =
  | { readonly ok: true; readonly delivery: Delivery }
  | { readonly ok: false; readonly error: WebhookError };

/**
 * `verify` without a throw for whatever arrives.
 * @throws TypeError, as `verify` does, for what only the caller can have got wrong
 */
export async function safeVerify(options: VerifyOptions): Promise<VerifyResult> {
  try {
    return { ok: true, delivery: await verify(options) };
  } catch (error) {
    if (WebhookError.is(error)) return { ok: false, error };
    throw error;
  }
}

/**
 * Verifies a Fetch request, whose body must not have been read.
 * @throws WebhookError with the code that says why it is not accepted, and the status to answer
 * @throws TypeError if a secret is missing, empty or blank, or a limit is not a positive integer
 */
export async function verifyRequest(request: FetchRequest, options: SecretOptions & LimitOptions): Promise<Delivery> {
  const limits = limitsOf(options);
  const verifier = createVerifier(createKeyring(options), limits);
  return accepted(await verifier(toRawDelivery(request), new Deadline(limits.deadlineMs)));
}
