import { createHmac } from 'node:crypto';
import type { NamedSecret } from '../secrets';
import { type BodyForm, bodyForms } from './body-mutations';
import type { Mutation } from './mutation';
import { type SecretForm, secretForms } from './secret-mutations';
import { plainSignature } from './signature-mutations';

/** What explains a signature: nothing if it matches, one or more mutations, or no known one. */
export interface Diagnosis {
  /** `undefined` if no known mutation explains it; empty if it matches. */
  readonly mutations: readonly Mutation[] | undefined;
  /** Where the secret that made it comes from. */
  readonly secretId: string | undefined;
}

/** Combinations of a body's and a secret's mutation are tried for this many bytes: more would take too long. */
const MAX_PAIRED_BYTES = 4_000_000_000;
const MIN_TRUNCATED = 8;

const truncated: Mutation = {
  id: 'signature-truncated',
  cause: 'The signature is the beginning of the right one: it was truncated.',
  fix: 'Keep all 64 characters: a database column, a log line or a copy truncates it.',
};

/** Finds out why a signature does not match. The simplest explanation wins. */
export function diagnose(body: Uint8Array, signature: string, secrets: readonly NamedSecret[]): Diagnosis {
  const plain = plainSignature(signature);
  const keys = secretForms(secrets);
  if (!plain) return cutOff(body, signature.trim(), secrets);
  const fits = (form: BodyForm, key: SecretForm) => macOf(form.bytes, key.secret) === plain.hex;

  const asIs: BodyForm = { bytes: body, mutations: [] };
  const [inUse, ...otherKeys] = keys as [SecretForm, ...SecretForm[]];
  const found = (form: BodyForm, key: SecretForm): Diagnosis => ({
    mutations: [...plain.undone, ...[key.mutation, ...form.mutations].filter((mutation) => mutation !== undefined)],
    secretId: key.secretId,
  });
  for (const key of keys) if (fits(asIs, key)) return found(asIs, key);
  for (const form of bodyForms(body)) if (fits(form, inUse)) return found(form, inUse);
  let leftBytes = MAX_PAIRED_BYTES;
  for (const form of bodyForms(body)) {
    if (form.mutations.length !== 1) continue;
    leftBytes -= otherKeys.length * body.length;
    if (leftBytes < 0) break;
    for (const key of otherKeys) if (fits(form, key)) return found(form, key);
  }
  return { mutations: undefined, secretId: undefined };
}

function cutOff(body: Uint8Array, signature: string, secrets: readonly NamedSecret[]): Diagnosis {
  const isPart = signature.length >= MIN_TRUNCATED && /^[0-9a-f]{1,63}$/.test(signature);
  const signer = secrets.find(({ secret }) => isPart && macOf(body, secret).startsWith(signature));
  return signer ? { mutations: [truncated], secretId: signer.id } : { mutations: undefined, secretId: undefined };
}

/** Uses Node's HMAC: core's refuses an empty secret. */
const macOf = (bytes: Uint8Array, secret: string) => createHmac('sha256', secret).update(bytes).digest('hex');
