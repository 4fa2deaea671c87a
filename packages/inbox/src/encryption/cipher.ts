import { StoreError } from '../store-error';
import { fromBase64Url, toBase64Url } from './base64url';
import { type CheckedKey, type CryptoKey, isKeyId } from './keys';

/** Where a text is stored: it decrypts nowhere else, so that rows and columns cannot be exchanged. */
export interface Place {
  /** The id of the delivery. */
  readonly delivery: string;
  readonly field: 'body' | 'error';
}

/**
 * Encrypts what is stored, as compact JWEs (RFC 7516) with `dir` and A256GCM, by Web Crypto: any library for JOSE can decrypt them. Their
 * protected header, which is authenticated, names the key and the place.
 */
export interface Cipher {
  /** Whether there are keys. Without one, `seal` returns texts as they are, and what is encrypted cannot be opened. */
  readonly isOn: boolean;
  /** Encrypts a text with the first key. */
  seal(text: string, place: Place): Promise<string>;
  /**
   * Returns the text. One that is not encrypted is returned as it is: it was stored before the option `encrypt` was set.
   * @throws StoreError KEY_MISSING, NOT_DECRYPTED
   */
  open(stored: string, place: Place): Promise<string>;
  /** Returns a digest of an id, keyed with the first key: 32 hex characters. Without a key, the id. */
  digest(id: string): Promise<string>;
}

const header = (kid: string, { delivery, field }: Place): string =>
  toBase64Url(encoder.encode(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid, delivery, field })));

/** How every header of ours begins, in base64url. No JSON text begins so. */
const START = 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NN';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const ID_LENGTH = 32;
/** The only IV that is not random. It encrypts one constant, from which the key for digests is derived. */
const DIGEST_IV = 'blue/ids/v01';

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether a stored text is encrypted. */
export const isSealed = (stored: string): boolean => stored.startsWith(START);

/** Creates a cipher. Keys are imported when they are first used: Workers refuse some work at start. */
export function createCipher(keys: readonly CheckedKey[]): Cipher {
  const imported = new Map<string, Promise<CryptoKey>>();
  const [first] = keys;
  let digestKey: Promise<CryptoKey> | undefined;

  function importedKey({ id, key }: CheckedKey): Promise<CryptoKey> {
    let usable = imported.get(id);
    if (!usable) {
      usable =
        key instanceof Uint8Array
          ? crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
          : Promise.resolve(key);
      imported.set(id, usable);
    }
    return usable;
  }

  async function deriveDigestKey(key: CheckedKey): Promise<CryptoKey> {
    const algorithm = { name: 'AES-GCM', iv: encoder.encode(DIGEST_IV) };
    const stream = await crypto.subtle.encrypt(algorithm, await importedKey(key), new Uint8Array(32));
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    return crypto.subtle.importKey('raw', stream.slice(0, 32), hmac, false, ['sign']);
  }

  return {
    isOn: first !== undefined,
    async seal(text, place) {
      if (!first) return text;
      const protectedHeader = header(first.id, place);
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const algorithm = { name: 'AES-GCM', iv, additionalData: encoder.encode(protectedHeader) };
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt(algorithm, await importedKey(first), encoder.encode(text)),
      );
      const [ciphertext, tag] = [sealed.subarray(0, -TAG_BYTES), sealed.subarray(-TAG_BYTES)];
      return `${protectedHeader}..${[iv, ciphertext, tag].map(toBase64Url).join('.')}`;
    },
    async open(stored, place) {
      if (!isSealed(stored)) return stored;
      const [protectedHeader = '', , iv = '', ciphertext = '', tag = ''] = stored.split('.');
      const kid = keyIdOf(protectedHeader);
      const key = keys.find(({ id }) => id === kid);
      if (!key) throw keyMissing(kid, first !== undefined);
      try {
        if (protectedHeader !== header(key.id, place)) throw new Error('It was stored elsewhere.');
        const additionalData = encoder.encode(protectedHeader);
        const algorithm = { name: 'AES-GCM', iv: bytesOf(iv), additionalData };
        const sealed = joined(bytesOf(ciphertext), bytesOf(tag));
        const opened = await crypto.subtle.decrypt(algorithm, await importedKey(key), sealed);
        return decoder.decode(opened);
      } catch {
        throw notDecrypted(key.id);
      }
    },
    async digest(id) {
      if (!first) return id;
      digestKey ??= deriveDigestKey(first);
      const mac = new Uint8Array(await crypto.subtle.sign('HMAC', await digestKey, encoder.encode(id)));
      const hex = Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
      return hex.slice(0, ID_LENGTH);
    },
  };
}

/** The id of the key that a header names; `undefined` if that cannot be one. Not authenticated yet. */
function keyIdOf(protectedHeader: string): string | undefined {
  try {
    const { kid } = JSON.parse(decoder.decode(bytesOf(protectedHeader))) as { kid?: unknown };
    return isKeyId(kid) ? kid : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64Url(text);
  if (!bytes) throw new Error('It is not base64url.');
  return bytes;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function keyMissing(kid: string | undefined, hasKeys: boolean): StoreError {
  const which = kid === undefined ? 'an unknown key' : `the key '${kid}'`;
  const cure = hasKeys ? 'add it to `encrypt.keys`, after the first' : 'set `encrypt` with this key';
  return new StoreError(
    'KEY_MISSING',
    `The delivery is encrypted with ${which}, which this inbox does not have: ${cure}.`,
  );
}

const notDecrypted = (kid: string): StoreError =>
  new StoreError(
    'NOT_DECRYPTED',
    `The key '${kid}' does not decrypt the delivery: it is not the key that has encrypted it under this id, or the stored row was changed.`,
  );
