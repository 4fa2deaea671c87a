import { createAuthenticate, createKeyring, type Keyring, type SecretOptions, type VerifiedBody } from './authenticate';
import { Deadline } from './deadline';
import type { Delivery, RawDelivery } from './delivery';
import { WebhookError } from './errors';
import { toRawDelivery } from './fetch';
import { type Limits, limitsOf } from './limits';
import { parse } from './parse';
import { readBody } from './read';
import { type Body, rawBytes, type SignatureHeader } from './signature';

/** The stages before the handlers, for one endpoint: read, verify, parse. */
export type Verifier = (raw: RawDelivery, deadline: Deadline) => Promise<Delivery>;

/** Joins the stages before the handlers. */
export function createVerifier(keyring: Keyring, limits: Limits): Verifier {
  const authenticate = createAuthenticate(keyring);
  return async (raw, deadline) => {
    if (raw.method !== 'POST') throw new WebhookError('METHOD_NOT_ALLOWED');
    const bytes = await readBody(raw, limits);
    const signature = raw.header('x-signature');
    return deliver(await authenticate({ bytes, signature, request: raw.request, deadline }), deadline);
  };
}

function deliver(body: VerifiedBody, deadline: Deadline): Delivery {
  const receivedAt = new Date();
  const { event, drift, rawBody } = parse(body);
  const { id, signature, secretId } = body;
  return {
    id,
    event,
    signature,
    secretId,
    receivedAt,
    attempt: undefined,
    rawBody,
    drift,
    get signal() {
      return deadline.signal;
    },
  };
}

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
  return deliver(
    await createAuthenticate(createKeyring(options))({ bytes: rawBytes(body), signature, deadline }),
    deadline,
  );
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
 * @throws TypeError if a secret is missing, empty or blank, or a limit is no positive whole number
 */
export async function verifyRequest(request: Request, options: SecretOptions & Partial<Limits>): Promise<Delivery> {
  const limits = limitsOf(options);
  return createVerifier(createKeyring(options), limits)(toRawDelivery(request), new Deadline(limits.deadlineMs));
}
