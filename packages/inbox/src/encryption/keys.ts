import { bytesOf, kindOf } from '@blue-webhooks/core/adapter';
import { fromBase64Url } from './base64url';

/** The type of the runtime's own keys, whether its types are those of the DOM or of Node. */
export type CryptoKey = Extract<Awaited<ReturnType<typeof crypto.subtle.generateKey>>, { type: string }>;

/** A key of AES-256-GCM. */
export interface EncryptionKey {
  /** Its name, which is stored with what it encrypts: 1 to 64 letters, digits, `.`, `_` and `-`. Never reuse one for another key. */
  readonly id: string;
  /** 32 random bytes: as base64url text, as bytes, or as a `CryptoKey` for AES-GCM. `undefined`, as of an unset variable, throws. */
  readonly key: string | Uint8Array | ArrayBuffer | CryptoKey | undefined;
}

/** How bodies are stored. */
export interface EncryptOptions {
  /** The first encrypts, all decrypt: to rotate, add the new key as the last one everywhere, then make it the first. */
  readonly keys: readonly EncryptionKey[];
}

/** A key that was checked. */
export interface CheckedKey {
  readonly id: string;
  /** A copy, which the caller cannot change. */
  readonly key: Uint8Array<ArrayBuffer> | CryptoKey;
}

const KEY_BYTES = 32;
const MAX_KEYS = 16;
const GENERATE =
  "Generate one: node -p \"crypto.randomBytes(32).toString('base64url')\", and keep it where you keep the webhook's secret.";

/** Returns the keys of the option `encrypt`; none without it. @throws TypeError for an invalid option, without quoting a key */
export function encryptionKeysOf(encrypt: unknown): readonly CheckedKey[] {
  if (encrypt === undefined) return [];
  const keys = (encrypt as Partial<EncryptOptions> | null)?.keys;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS) {
    throw new TypeError(
      `encrypt needs 1 to ${MAX_KEYS} keys: encrypt: { keys: [{ id: '2026-11', key: process.env.BLUE_INBOX_KEY }] }.`,
    );
  }
  const checked = Array.from(keys, checkedKey);
  const ids = checked.map(({ id }) => id);
  const twice = ids.find((id, place) => ids.indexOf(id) !== place);
  if (twice !== undefined) throw new TypeError(`encrypt.keys has two keys with the id '${twice}': each needs its own.`);
  return checked;
}

/** Whether it can be the id of a key. */
export const isKeyId = (id: unknown): id is string => typeof id === 'string' && /^[\w.-]{1,64}$/.test(id);

function checkedKey(given: unknown, place: number): CheckedKey {
  const { id, key } = (given ?? {}) as Partial<EncryptionKey>;
  const name = `encrypt.keys[${place}]`;
  if (!isKeyId(id)) {
    throw new TypeError(
      `${name}.id must be a string of 1 to 64 letters, digits, '.', '_' and '-', such as '2026-11', got ${kindOf(id)}.`,
    );
  }
  if (isCryptoKey(key)) return { id, key: requireUsable(name, key) };
  const bytes = keyBytesOf(key);
  if (bytes?.byteLength === KEY_BYTES) return { id, key: bytes };
  const length = bytes ? ` of ${bytes.byteLength} bytes` : '';
  const got =
    key === undefined ? 'undefined: is the environment variable set that it comes from?' : `${kindOf(key)}${length}.`;
  throw new TypeError(
    `${name}.key must be ${KEY_BYTES} random bytes: base64url text, bytes or a CryptoKey for AES-GCM, got ${got} ${GENERATE}`,
  );
}

/** Also one of another realm. */
const isCryptoKey = (key: unknown): key is CryptoKey => Object.prototype.toString.call(key) === '[object CryptoKey]';

function requireUsable(name: string, key: CryptoKey): CryptoKey {
  const { name: algorithm, length } = key.algorithm as { readonly name: string; readonly length?: number };
  const can = (usage: 'encrypt' | 'decrypt') => key.usages.includes(usage);
  if (algorithm === 'AES-GCM' && length === KEY_BYTES * 8 && can('encrypt') && can('decrypt')) return key;
  throw new TypeError(
    `${name}.key must be a CryptoKey for AES-GCM with 256 bits that can encrypt and decrypt: crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']).`,
  );
}

/** Returns a copy of a key's bytes; `undefined` if it has none. */
function keyBytesOf(key: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof key === 'string') return /^[\w-]+={0,2}$/.test(key) ? fromBase64Url(key.replaceAll('=', '')) : undefined;
  const bytes = bytesOf(key);
  return bytes && new Uint8Array(bytes);
}
