import { DriverError } from '@blue-webhooks/core/adapter';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  importJWK,
  importSPKI,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';
import { algorithmOfCryptoKey, algorithmOfJwk } from './algorithm';
import { EventTokenError } from './errors';
import {
  type CryptoKey,
  isCryptoKey,
  isKeyObject,
  isUrl,
  type Jwk,
  type JwkSet,
  malformedMember,
  publicPart,
} from './key';
import { type InsecureOption, secureUrl } from './secure-url';
import { textWithin } from './text-within';

/**
 * The keys whose signatures are accepted: the URL of the issuer's key set, the set itself, or one public key as a JSON Web Key, PEM
 * text (SPKI) or CryptoKey.
 */
export type KeySource = string | URL | JwkSet | Jwk | CryptoKey;

/**
 * Returns the public key for a token's header.
 * @throws EventTokenError TOKEN_KEY, KEYS_UNAVAILABLE
 */
export type FindKey = (header: JWSHeaderParameters) => Promise<CryptoKey>;

type Find = (header: JWSHeaderParameters) => unknown;

/** The delay after a failed fetch, so that tokens do not cause requests to a failing server. */
const PAUSE_AFTER_FAILURE_MS = 5_000;
const MAX_REMEMBERED = 100;
/** A set of 100 RSA keys has about 40 kB. */
const MAX_SET_BYTES = 1_048_576;
const CLOCK_STEP_MS = 1_000;

// Kept between calls: a key set that is fetched once, and its cooldown, must outlive the token that caused the fetch.
const byText = new Map<string, FindKey>();
const byObject = new WeakMap<object, FindKey>();

/**
 * Creates the lookup of a source's keys.
 * @throws TypeError for symmetric, private and invalid keys, and for a URL without TLS
 */
export function findKeyIn(source: KeySource, options: InsecureOption): FindKey {
  if (typeof source === 'string' && !source.includes('-----BEGIN')) {
    return findKeyIn(secureUrl('keys', source, options), options);
  }
  if (isUrl(source)) {
    const url = secureUrl('keys', source, options);
    return remembered(byText, url.href, () => finder(remoteSet(url)));
  }
  if (typeof source === 'string') return remembered(byText, source.trim(), (pem) => finder(onePem(pem)));
  if (typeof source !== 'object' || source === null) {
    throw new TypeError("keys must be the URL of the issuer's key set, the set, or a public key.");
  }
  const known = byObject.get(source) ?? finder(oneObject(source));
  byObject.set(source, known);
  return known;
}

function remembered(map: Map<string, FindKey>, text: string, make: (text: string) => FindKey): FindKey {
  const known = map.get(text);
  if (known) return known;
  const made = make(text);
  for (const [oldest] of map) {
    if (map.size < MAX_REMEMBERED) break;
    map.delete(oldest);
  }
  map.set(text, made);
  return made;
}

function finder(find: Find): FindKey {
  return async (header) => {
    try {
      return (await find(header)) as CryptoKey;
    } catch (cause) {
      if (EventTokenError.is(cause)) throw cause;
      const { code } = cause as { code?: unknown };
      const unfit = code === 'ERR_JWKS_NO_MATCHING_KEY' || code === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS';
      throw new EventTokenError(unfit ? 'TOKEN_KEY' : 'KEYS_UNAVAILABLE', { cause: DriverError.from(cause) });
    }
  };
}

/**
 * Looks up keys in a set at a URL. jose caches it for ten minutes and, for a `kid` that is not in it, fetches again at most every 30
 * seconds; a fetch that fails is not repeated for five.
 */
function remoteSet(url: URL): Find {
  let failure: unknown;
  let failedAt = Number.NEGATIVE_INFINITY;
  const fetchSet = async (href: string, init: RequestInit): Promise<Response> => {
    if (performance.now() - failedAt < PAUSE_AFTER_FAILURE_MS) throw failure;
    try {
      const response = await fetch(href, init);
      if (response.status !== 200) throw new Error(`The response for the key set was ${response.status}.`);
      const set = JSON.parse(await textWithin(response, MAX_SET_BYTES)) as JSONWebKeySet;
      createLocalJWKSet(set); // throws if it is not a key set
      // RFC 7517 section 5: a key of an unknown kind is ignored, and the others are used.
      return Response.json({ keys: set.keys.filter((jwk) => !malformedMember(jwk)) });
    } catch (cause) {
      failure = cause;
      failedAt = performance.now();
      throw cause;
    }
  };
  let clockOffset = offsetOfClock();
  let find = createRemoteJWKSet(url, { [customFetch]: fetchSet });
  return (header) => {
    const offset = offsetOfClock();
    // jose measures ages with the wall clock: after a correction, a set could stay fresh for as long as the clock was ahead.
    if (Math.abs(offset - clockOffset) > CLOCK_STEP_MS) find = createRemoteJWKSet(url, { [customFetch]: fetchSet });
    clockOffset = offset;
    return find(header);
  };
}

/** Changes only when the wall clock is set. */
const offsetOfClock = (): number => Date.now() - performance.now();

function onePem(pem: string): Find {
  if (!pem.startsWith('-----BEGIN PUBLIC KEY-----')) {
    throw new TypeError('keys must be PEM text that begins with -----BEGIN PUBLIC KEY-----: openssl pkey -pubout.');
  }
  return imported((alg) => importSPKI(pem, alg));
}

function oneObject(source: object): Find {
  if (isCryptoKey(source)) {
    if (source.type === 'public' && algorithmOfCryptoKey(source)) return () => source;
    throw new TypeError('keys must be a public CryptoKey: Ed25519, P-256 (ES256) or RSA (RS256).');
  }
  if (isKeyObject(source)) throw new TypeError("keys is a KeyObject: pass keys.export({ format: 'jwk' }).");
  if ('keys' in source) {
    const set = source as JwkSet;
    if (!Array.isArray(set.keys) || !set.keys.every((jwk: unknown) => typeof jwk === 'object' && jwk !== null)) {
      throw new TypeError('keys must be a set { keys: [ … ] } of JSON Web Keys.');
    }
    for (const jwk of set.keys) requirePublic(jwk);
    return createLocalJWKSet(set as JSONWebKeySet);
  }
  const jwk = source as Jwk;
  requirePublic(jwk);
  if (!algorithmOfJwk(jwk)) throw new TypeError('keys must be a JSON Web Key: Ed25519, P-256 (ES256) or RSA (RS256).');
  return imported((alg) => importJWK(publicPart(jwk), alg));
}

function requirePublic(jwk: Jwk): void {
  if (jwk.kty === 'oct') {
    throw new TypeError('keys contains a symmetric key: recipients that verify tokens with it could also issue them.');
  }
  if (jwk.d !== undefined)
    throw new TypeError('keys contains a private key: pass the public one, which issuer.jwks() returns.');
  const malformed = malformedMember(jwk);
  if (malformed) throw new TypeError(`keys contains a key whose ${malformed} is not base64url without padding.`);
}

/** Imports a key once for each algorithm; it fits one or two of the four. */
function imported(importFor: (alg: string) => Promise<unknown>): Find {
  const keys = new Map<unknown, Promise<unknown>>();
  return ({ alg }) => {
    const key = keys.get(alg) ?? importFor(String(alg)).catch(unfit);
    keys.set(alg, key);
    return key;
  };
}

/** The key is of another kind than the token's algorithm. */
function unfit(cause: unknown): never {
  throw new EventTokenError('TOKEN_KEY', { cause: DriverError.from(cause) });
}
