import { DriverError } from '@blue-webhooks/core/adapter';
import {
  CompactSign,
  calculateJwkThumbprint,
  compactVerify,
  exportJWK,
  importJWK,
  importPKCS8,
  importSPKI,
  type JWK,
} from 'jose';
import { algorithmOfCryptoKey, algorithmOfJwk, type EventTokenAlgorithm } from './algorithm';
import {
  type CryptoKey,
  isCryptoKey,
  isCryptoKeyPair,
  isKeyObject,
  type Jwk,
  malformedMember,
  type PrivateKey,
  type PublicPart,
  publicPart,
} from './key';

/** A key as an issuer publishes it. */
export interface PublicJwk extends PublicPart {
  kid: string;
  alg: EventTokenAlgorithm;
  use: 'sig';
}

/** A key as others see it. */
export interface PublishedKey {
  readonly algorithm: EventTokenAlgorithm;
  readonly kid: string;
  readonly jwk: PublicJwk;
}

/** A key that signs. */
export interface SigningKey extends PublishedKey {
  readonly privateKey: CryptoKey;
}

/** The given halves of a key. */
interface Halves {
  readonly algorithm: EventTokenAlgorithm;
  readonly privateKey?: CryptoKey;
  readonly jwk: PublicPart;
  readonly kid?: string | undefined;
}

const PRIVATE = '-----BEGIN PRIVATE KEY-----';
const PUBLIC = '-----BEGIN PUBLIC KEY-----';
const KINDS = 'Ed25519, P-256 (ES256) or RSA (RS256)';

/**
 * Checks a key synchronously, so that most mistakes throw at construction.
 * @throws TypeError that contains the fix
 */
export function checkKey(source: unknown, what: string, use: 'sign' | 'publish'): void {
  if (source === undefined || source === null) {
    throw new TypeError(`${what} is ${source}: is the environment variable that holds the key set?`);
  }
  if (typeof source === 'string') {
    if (source.trim().startsWith(PRIVATE) || (use === 'publish' && source.trim().startsWith(PUBLIC))) return;
    throw new TypeError(
      `${what} must be PEM text that begins with ${PRIVATE}: convert other forms with openssl pkcs8 -topk8 -nocrypt.`,
    );
  }
  if (typeof source !== 'object') throw new TypeError(`${what} must be a JSON Web Key, PEM text or a CryptoKey.`);
  if (isCryptoKeyPair(source)) {
    const { privateKey, publicKey } = source;
    if (privateKey.type === 'private' && publicKey.type === 'public' && algorithmOfCryptoKey(privateKey)) return;
    throw new TypeError(`${what} must be a pair of a private and a public key: ${KINDS}.`);
  }
  if (isCryptoKey(source)) checkCryptoKey(source, what, use);
  else if (isKeyObject(source)) {
    throw new TypeError(`${what} is a KeyObject: pass ${what}.export({ format: 'jwk' }).`);
  } else checkJwk(source as Jwk, what, use);
}

function checkJwk(jwk: Jwk, what: string, use: 'sign' | 'publish'): void {
  if (jwk.kty === 'oct') {
    throw new TypeError(
      `${what} is symmetric: recipients that verify tokens with it could also issue them. Use ${KINDS}.`,
    );
  }
  if (!algorithmOfJwk(jwk)) throw new TypeError(`${what} must be a JSON Web Key for ${KINDS}.`);
  const malformed = malformedMember(jwk);
  if (malformed) throw new TypeError(`${what}.${malformed} must be base64url without padding.`);
  if (use === 'sign' && typeof jwk.d !== 'string') {
    throw new TypeError(`${what} is a public key, which cannot sign: pass the private one.`);
  }
}

function checkCryptoKey(key: CryptoKey, what: string, use: 'sign' | 'publish'): void {
  if (key.type === 'secret' || !algorithmOfCryptoKey(key)) {
    throw new TypeError(`${what} must be an asymmetric CryptoKey: ${KINDS}.`);
  }
  if (use === 'sign' && key.type !== 'private') throw new TypeError(`${what} is a public key, which cannot sign.`);
  if (!key.extractable) {
    throw new TypeError(
      `${what} is not extractable, so its public half is unknown: pass the pair { privateKey, publicKey }.`,
    );
  }
}

/**
 * Returns the signing key after a test signature, so that mismatched halves are detected before a token is issued.
 * @throws TypeError for a key that does not sign
 */
export async function loadSigningKey(source: PrivateKey, kid: string | undefined): Promise<SigningKey> {
  try {
    const { privateKey, ...halves } = await load(source);
    if (!privateKey) throw new TypeError('The key is a public key.');
    const { algorithm } = halves;
    const trial = new CompactSign(new Uint8Array(1)).setProtectedHeader({ alg: algorithm });
    await compactVerify(await trial.sign(privateKey), await importJWK(halves.jwk, algorithm));
    return { ...(await published(halves, kid)), privateKey };
  } catch (cause) {
    throw new TypeError(`key cannot sign: it must be a whole key for ${KINDS}, of at least 2048 bits if RSA.`, {
      cause: DriverError.from(cause),
    });
  }
}

/** @throws TypeError if it is not a public key */
export async function loadPublishedKey(source: PrivateKey, kid: string | undefined): Promise<PublishedKey> {
  try {
    const halves = await load(source);
    await importJWK(halves.jwk, halves.algorithm);
    return await published(halves, kid);
  } catch (cause) {
    throw new TypeError(`One of alsoPublish cannot be read: each must be a whole key for ${KINDS}.`, {
      cause: DriverError.from(cause),
    });
  }
}

async function published({ algorithm, jwk, kid: own }: Halves, given: string | undefined): Promise<PublishedKey> {
  const kid = given ?? own ?? (await calculateJwkThumbprint(jwk)); // RFC 7638
  return { algorithm, kid, jwk: { ...jwk, kid, alg: algorithm, use: 'sig' } };
}

async function load(source: PrivateKey): Promise<Halves> {
  if (typeof source === 'string') return ofCryptoKey(await importPem(source.trim()));
  if (isCryptoKeyPair(source)) return { ...(await ofCryptoKey(source.publicKey)), privateKey: source.privateKey };
  if (isCryptoKey(source)) return ofCryptoKey(source);
  const algorithm = algorithmOfJwk(source) as EventTokenAlgorithm;
  const halves = { algorithm, jwk: publicPart(source), kid: source.kid };
  return source.d === undefined
    ? halves
    : { ...halves, privateKey: (await importJWK(source as JWK, algorithm)) as CryptoKey };
}

async function ofCryptoKey(key: CryptoKey): Promise<Halves> {
  const jwk = publicPart((await exportJWK(key)) as Jwk);
  const halves = { algorithm: algorithmOfCryptoKey(key) as EventTokenAlgorithm, jwk };
  return key.type === 'private' ? { ...halves, privateKey: key } : halves;
}

/** PEM does not say which algorithm its key is for; each import refuses the keys of the others. */
async function importPem(pem: string): Promise<CryptoKey> {
  const read = pem.startsWith(PRIVATE) ? importPKCS8 : importSPKI;
  let failure: unknown;
  for (const algorithm of ['EdDSA', 'ES256', 'RS256']) {
    try {
      return (await read(pem, algorithm, { extractable: true })) as CryptoKey;
    } catch (cause) {
      failure = cause;
    }
  }
  throw failure;
}
