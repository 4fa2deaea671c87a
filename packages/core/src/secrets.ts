import { hmac } from '#hmac';
import { bytesOf, kindOf } from './bytes';
import type { HmacKey } from './hmac/provider';

/** A webhook's secret: the text that `createWebhook` returned, or its bytes. `undefined` compiles, so that an environment variable can be passed as it is, and throws. */
export type SecretValue = string | Uint8Array | undefined;

/** A secret, on its own or with a name that `delivery.secretId` will carry. */
export type Secret = SecretValue | { readonly id: string; readonly secret: SecretValue };

/** One secret, or up to 16 while webhooks are being replaced: each of them is accepted. */
export type Secrets = Secret | readonly Secret[];

/** A secret made ready: its name (or place in the list) and its key. */
export interface Candidate {
  readonly id: string;
  readonly key: HmacKey;
  /** Whether whitespace surrounds the secret, which is kept but most often a slip of copying. */
  readonly padded: boolean;
}

const MAX_CANDIDATES = 16;

/**
 * Prepares every secret once.
 * @throws TypeError if one is empty, blank, missing or neither a string nor bytes, or if there are none or more than 16
 */
export function prepareSecrets(secrets: unknown): readonly Candidate[] {
  const list = Array.isArray(secrets) ? Array.from(secrets) : [secrets]; // a hole of a sparse list becomes undefined
  if (list.length === 0)
    throw new TypeError('The list of secrets is empty: pass the secret that createWebhook returned.');
  if (list.length > MAX_CANDIDATES) {
    throw new TypeError(
      `${list.length} secrets are too many, each delivery is checked against all of them: pass at most ${MAX_CANDIDATES}, or a function that returns the secrets of one webhook.`,
    );
  }
  return list.map((entry: unknown, place) =>
    prepare(entry, Array.isArray(secrets) ? `secret[${place}]` : 'secret', place),
  );
}

function prepare(entry: unknown, what: string, place: number): Candidate {
  if (isRecord(entry)) {
    const id = own(entry, 'id');
    if (typeof id !== 'string' || id === '') {
      throw new TypeError(`${what}.id must be a name for the secret, but it is ${kindOf(id)}.`);
    }
    return { ...prepare(entry.secret, `${what}.secret`, place), id };
  }
  const { key, padded } = recent.get(entry) ?? importSecret(entry, what);
  return { id: String(place), key, padded };
}

type ImportedSecret = Omit<Candidate, 'id'>;

/**
 * The texts that were imported last, because `verify` is called with the same secret each time. No more than one call may
 * name, since each stays in memory until others take its place.
 */
const recent = new Map<unknown, ImportedSecret>();

function importSecret(entry: unknown, what: string): ImportedSecret {
  if (entry === undefined || entry === null) {
    throw new TypeError(
      `${what} is ${entry}: is the environment variable that holds the webhook's secret set? While a site is built (SvelteKit, Next.js), it often is not: create the receiver when the first request arrives.`,
    );
  }
  const bytes = bytesOf(entry);
  if (!bytes) {
    throw new TypeError(
      `${what} must be a string or a Uint8Array, but it is ${kindOf(entry)}: pass the secret that createWebhook returned.`,
    );
  }
  const text = typeof entry === 'string' ? entry : undefined;
  if (bytes.length === 0 || text?.trim() === '') {
    throw new TypeError(
      `${what} is ${bytes.length === 0 ? 'empty' : 'blank'}, and anyone can sign with that: pass the secret that createWebhook returned.`,
    );
  }
  const imported = { key: hmac.importKey(bytes), padded: text !== text?.trim() };
  if (text !== undefined) {
    if (recent.size >= MAX_CANDIDATES) recent.clear();
    recent.set(text, imported);
  }
  return imported;
}

/** Reads an own property only: one on a polluted `Object.prototype` must not decide what is verified. */
export function own<T extends object, K extends keyof T>(options: T | null | undefined, name: K): T[K] | undefined {
  return options && Object.hasOwn(options, name) ? options[name] : undefined;
}

/** Whether a secret has a name. */
export function isRecord(entry: unknown): entry is { id?: unknown; secret: unknown } {
  return typeof entry === 'object' && entry !== null && !ArrayBuffer.isView(entry) && Object.hasOwn(entry, 'secret');
}
