import { createHmac, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';

/** JSON Web Signatures (RFC 7515) made and checked with nothing but node:crypto: the second opinion on jose. */

export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const ed25519 = (): Pair => generateKeyPairSync('ed25519');
export const p256 = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const rsa = (modulusLength = 2048): Pair => generateKeyPairSync('rsa', { modulusLength });

export const encode = (value: string | Uint8Array | object): string =>
  Buffer.from(typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value)).toString(
    'base64url',
  );
export const decode = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString());

/** The signature's bytes, in JWS's form: ECDSA as r and s side by side (RFC 7518 section 3.4). */
export function signatureOf(alg: unknown, input: string, key: KeyObject | string): Buffer {
  const bytes = Buffer.from(input);
  if (typeof key === 'string') return createHmac('sha256', key).update(bytes).digest();
  if (alg === 'none') return Buffer.alloc(0);
  const digest = key.asymmetricKeyType === 'ed25519' ? undefined : 'sha256';
  return sign(digest, bytes, { key, dsaEncoding: 'ieee-p1363' });
}

/** A compact JWS over a header and a payload, each an object or the exact text. A text as key signs with HMAC. */
export function jws(header: object | string, payload: object | string, key: KeyObject | string): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const alg = typeof header === 'string' ? JSON.parse(header).alg : (header as { alg?: unknown }).alg;
  return `${input}.${signatureOf(alg, input, key).toString('base64url')}`;
}

/** Header and payload of a compact JWS whose signature is right. */
export function readJws(token: string, key: KeyObject) {
  const [header, payload, signature = ''] = token.split('.');
  const digest = key.asymmetricKeyType === 'ed25519' ? undefined : 'sha256';
  const genuine = verify(
    digest,
    Buffer.from(`${header}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!genuine) throw new Error('The signature does not match.');
  return { header: decode(header), payload: decode(payload) };
}
