import { createAuthenticate, createKeyring, type SecretOptions } from './authenticate';
import { Deadline } from './deadline';
import type { Delivery } from './delivery';
import { WebhookError } from './errors';
import { type FetchRequest, toRawDelivery } from './fetch';
import { type LimitOptions, limitsOf } from './limits';
import { proceed } from './proceed';
import { type Body, rawBytes, type SignatureHeader } from './signature';
import { accepted, createVerifier, deliver } from './verifier';

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
