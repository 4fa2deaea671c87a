import { isBase64url } from './base64url';

/** A Web Crypto key, independent of the runtime's types. */
export type CryptoKey = Extract<Awaited<ReturnType<typeof crypto.subtle.generateKey>>, { type: string }>;

/** A JSON Web Key (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2). */
export interface Jwk {
  kty?: string | undefined;
  alg?: string | undefined;
  kid?: string | undefined;
  use?: string | undefined;
  key_ops?: string[] | undefined;
  ext?: boolean | undefined;
  crv?: string | undefined;
  x?: string | undefined;
  y?: string | undefined;
  n?: string | undefined;
  e?: string | undefined;
  d?: string | undefined;
  p?: string | undefined;
  q?: string | undefined;
  dp?: string | undefined;
  dq?: string | undefined;
  qi?: string | undefined;
}

const VALUES = ['x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;

/** Returns the name of a member that is not strictly base64url encoded (RFC 7518 section 6), `undefined` if all are. */
export function malformedMember(jwk: Jwk): string | undefined {
  return VALUES.find((name) => jwk[name] !== undefined && !(typeof jwk[name] === 'string' && isBase64url(jwk[name])));
}

/** A set of JSON Web Keys (RFC 7517 section 5). */
export interface JwkSet {
  readonly keys: readonly Jwk[];
}

/** The public members of a key. */
export interface PublicPart {
  kty: string;
  crv?: string;
  x?: string;
  y?: string;
  n?: string;
  e?: string;
}

/**
 * A private key: a JSON Web Key, PEM text (PKCS #8, RFC 5208), an extractable CryptoKey, or a pair of CryptoKeys. Ed25519,
 * P-256, or RSA of at least 2048 bits.
 */
export type PrivateKey = Jwk | string | CryptoKey | CryptoKeyPair;

/** A pair as `crypto.subtle.generateKey` returns it; the private half need not be extractable. */
export interface CryptoKeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** Detected by their tags, since `instanceof` fails for objects of another realm. */
const hasTag = (value: unknown, tag: string): boolean => Object.prototype.toString.call(value) === `[object ${tag}]`;

export const isCryptoKey = (value: unknown): value is CryptoKey => hasTag(value, 'CryptoKey');

/** A key of `node:crypto`, which this package does not accept. */
export const isKeyObject = (value: unknown): boolean => hasTag(value, 'KeyObject');

export const isUrl = (value: unknown): value is URL => hasTag(value, 'URL');

export const isCryptoKeyPair = (value: object): value is CryptoKeyPair =>
  'privateKey' in value && isCryptoKey(value.privateKey) && 'publicKey' in value && isCryptoKey(value.publicKey);

/** Returns only the public members of a key; all others stay in the process. */
export function publicPart({ kty, crv, x, y, n, e }: Jwk): PublicPart {
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as PublicPart;
}
