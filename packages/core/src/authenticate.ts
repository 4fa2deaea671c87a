import { hmac } from '#hmac';
import { copyOf, isSignature, kindOf } from './bytes';
import type { Deadline } from './deadline';
import { DriverError } from './driver-error';
import { Refusal, WebhookError } from './errors';
import { type SecretLookup, webhookIdHint } from './hint';
import { isThenable, proceed } from './proceed';
import { type Candidate, isRecord, own, prepareSecrets, type Secrets } from './secrets';
import { findSigner, onlyValue, type SignatureHeader } from './signature';
import { keepAlive } from './wait-until';

declare const verified: unique symbol;

/** Bytes whose signature has been checked (or waived, by `allowUnsigned`). Only `authenticate` can make one. */
export interface VerifiedBody {
  readonly [verified]: true;
  readonly bytes: Uint8Array;
  /** The first 32 hex characters of the MAC; of the SHA-256 when unsigned. */
  readonly id: string;
  readonly signature: 'verified' | 'unsigned';
  readonly secretId: string | undefined;
  /** The webhook id by which a secret function chose: the parsed body must name the same. */
  readonly hintedWebhookId: string | undefined;
}

/** How deliveries are verified: by a secret, or by the explicit word that unsigned ones are accepted. */
export type SecretOptions =
  | {
      /** The webhook's secret; a list while one webhook replaces another; a function for many webhooks at one endpoint. */
      readonly secret: Secrets | SecretLookup;
      /** Accept deliveries that carry no signature. A wrong signature is still refused. */
      readonly allowUnsigned?: boolean | undefined;
    }
  | { readonly secret?: never; readonly allowUnsigned: true };

/** Checks the signatures of one endpoint; a promise only where there is something to wait for. Throws SECRET_LOOKUP_FAILED. */
export type Authenticate = (delivery: {
  bytes: Uint8Array;
  /** Whether the caller keeps the bytes, and could change them while something is awaited. */
  shared: boolean;
  signature: SignatureHeader;
  /** Handed to the secret function. */
  request?: unknown;
  deadline: Deadline;
}) => VerifiedBody | Refusal | Promise<VerifiedBody | Refusal>;

/** Whether a missing signature is accepted, and the secrets of a webhook. */
export interface Keyring {
  readonly allowUnsigned: boolean;
  /** Whether they are looked up for each delivery, by the webhook's id. */
  readonly byWebhook: boolean;
  /** @throws WebhookError SECRET_LOOKUP_FAILED */
  candidates(
    webhookId: string | undefined,
    request: unknown,
    deadline: Deadline,
  ): readonly Candidate[] | Promise<readonly Candidate[]>;
}

/**
 * Prepares the secrets, once.
 * @throws TypeError for a secret that is empty, blank, missing, or one too many
 */
export function createKeyring(options: SecretOptions): Keyring {
  const secret = own(options, 'secret');
  const allowUnsigned = allowUnsignedOf(options);
  const lookup = typeof secret === 'function' ? secret : undefined;
  const unsignedOnly = allowUnsigned && !Object.hasOwn(options, 'secret');
  const fixed = lookup || unsignedOnly ? [] : prepareSecrets(secret);
  return {
    allowUnsigned,
    byWebhook: lookup !== undefined,
    candidates: (webhookId, request, deadline) => (lookup ? ask(lookup, webhookId, request, deadline) : fixed),
  };
}

/** An own property only: a polluted `Object.prototype` must not switch verification off. */
function allowUnsignedOf(options: SecretOptions): boolean {
  const allowUnsigned: unknown = own(options, 'allowUnsigned');
  if (allowUnsigned === undefined || typeof allowUnsigned === 'boolean') return allowUnsigned ?? false;
  throw new TypeError(`allowUnsigned must be true or false, got ${kindOf(allowUnsigned)}.`);
}

/** Signs in place of an unknown webhook's secret, so that a forgery takes as long as for a known one. */
const DECOY = 'no delivery is ever accepted under this key';

const signatureMissing = new Refusal('SIGNATURE_MISSING');
const signatureMalformed = new Refusal('SIGNATURE_MALFORMED');
const secretUnknown = new Refusal('SECRET_UNKNOWN');
const signatureMismatch = new Refusal('SIGNATURE_MISMATCH');

/** The check of an endpoint's signatures. */
export function createAuthenticate(keyring: Keyring): Authenticate {
  let paddingReported = false;
  let decoy: readonly Candidate[] | undefined;

  return ({ bytes: given, shared, signature: header, request, deadline }) => {
    // What is parsed must be what was verified. Where nothing is awaited in between, nobody can change it.
    const kept = (asked?: unknown) => (shared && (hmac.isAsync || isThenable(asked)) ? copyOf(given) : given);
    const signature = onlyValue(header);
    if (signature === undefined) {
      if (!keyring.allowUnsigned) return signatureMissing;
      const bytes = kept();
      return proceed(hmac.digest(bytes), (id) => body({ bytes, id, signature: 'unsigned' }));
    }
    if (!isSignature(signature)) return signatureMalformed;

    const hintedWebhookId = keyring.byWebhook ? webhookIdHint(given) : undefined;
    const asked = keyring.candidates(hintedWebhookId, request, deadline);
    const bytes = kept(asked);
    return proceed(asked, (found) => {
      const known = found.length > 0;
      if (!known) decoy ??= prepareSecrets(DECOY);
      const candidates = known ? found : (decoy as readonly Candidate[]);
      return proceed(findSigner(candidates, bytes, signature), (signer) => {
        if (!known) return secretUnknown;
        if (signer) return body({ bytes, id: signature, signature: 'verified', secretId: signer.id, hintedWebhookId });

        const hint = paddingReported ? undefined : paddingHint(candidates);
        paddingReported ||= hint !== undefined;
        return hint === undefined ? signatureMismatch : new Refusal('SIGNATURE_MISMATCH', hint);
      });
    });
  };
}

function ask(
  lookup: SecretLookup,
  webhookId: string | undefined,
  request: unknown,
  deadline: Deadline,
): readonly Candidate[] | Promise<readonly Candidate[]> {
  const failed = (cause: unknown) => new WebhookError('SECRET_LOOKUP_FAILED', { cause: DriverError.from(cause) });
  const late = () => new Error('The secret function did not answer before the deadline.');
  let answer: ReturnType<SecretLookup>;
  try {
    answer = lookup({ webhookId, request });
    if (isThenable(answer)) {
      return deadline.race(Promise.resolve(answer), late).then(candidatesOf, (cause) => {
        throw failed(cause);
      });
    }
  } catch (cause) {
    throw failed(cause);
  }
  return candidatesOf(answer);
}

/** @throws WebhookError SECRET_LOOKUP_FAILED for an answer that is not a secret */
function candidatesOf(secrets: Secrets | null | undefined): readonly Candidate[] {
  try {
    return secrets === undefined || secrets === null ? [] : prepareSecrets(plainOf(secrets));
  } catch (cause) {
    ignoreRejections(secrets);
    throw new WebhookError('SECRET_LOOKUP_FAILED', { cause });
  }
}

/**
 * Reads what is not ours: the getter of a record that decrypts its secret can throw, and its error can quote what it failed on.
 * @throws DriverError
 */
function plainOf(secrets: unknown): unknown {
  const plain = (entry: unknown): unknown =>
    isRecord(entry) ? { id: own(entry, 'id'), secret: plain(entry.secret) } : entry;
  try {
    return Array.isArray(secrets) ? Array.from(secrets, plain) : plain(secrets);
  } catch (error) {
    throw DriverError.from(error);
  }
}

/** Marks promises in place of secrets, as of an async function in `map`, as handled: their rejections would count as unhandled. */
function ignoreRejections(secrets: unknown): void {
  try {
    for (const entry of [secrets].flat()) {
      keepAlive(undefined, entry);
      keepAlive(undefined, (entry as { secret?: unknown } | null | undefined)?.secret);
    }
  } catch {
    // A getter that throws.
  }
}

function paddingHint(candidates: readonly Candidate[]): string | undefined {
  const padded = candidates.filter((candidate) => candidate.padded).map((candidate) => `'${candidate.id}'`);
  if (padded.length === 0) return undefined;
  return `The secret ${padded.join(', ')} begins or ends with whitespace, which counts as part of it: most likely it was copied along.`;
}

function body(parts: {
  bytes: Uint8Array;
  id: string;
  signature: VerifiedBody['signature'];
  secretId?: string;
  hintedWebhookId?: string | undefined;
}): VerifiedBody {
  const { bytes, id, signature, secretId, hintedWebhookId } = parts;
  return { bytes, id: id.slice(0, 32), signature, secretId, hintedWebhookId } as VerifiedBody;
}
