import type { CryptoKey, Jwk } from './key';

/**
 * How tokens are signed: `EdDSA` and its newer name `Ed25519` (RFC 8037, RFC 9864), `ES256`, `RS256` (RFC 7518 section 3.1).
 * All are asymmetric, so that a recipient that can verify a token cannot issue one.
 */
export type EventTokenAlgorithm = 'EdDSA' | 'Ed25519' | 'ES256' | 'RS256';

/** All algorithms: the default list that verification pins (RFC 8725 section 3.1). */
export const eventTokenAlgorithms: readonly EventTokenAlgorithm[] = ['EdDSA', 'Ed25519', 'ES256', 'RS256'];

/** Returns whether the value is one of the four. */
export const isEventTokenAlgorithm = (value: unknown): value is EventTokenAlgorithm =>
  (eventTokenAlgorithms as readonly unknown[]).includes(value);

/** Returns the algorithm of a JSON Web Key; `undefined` for symmetric keys and other kinds. */
export function algorithmOfJwk({ kty, crv, alg }: Jwk): EventTokenAlgorithm | undefined {
  if (kty === 'OKP' && crv === 'Ed25519') return alg === 'Ed25519' ? 'Ed25519' : only(alg, 'EdDSA');
  if (kty === 'EC' && crv === 'P-256') return only(alg, 'ES256');
  return kty === 'RSA' ? only(alg, 'RS256') : undefined;
}

/** Returns the algorithm of a CryptoKey; `undefined` for symmetric keys and other kinds. */
export function algorithmOfCryptoKey({ algorithm }: CryptoKey): EventTokenAlgorithm | undefined {
  const { name, namedCurve, hash } = algorithm as { name: string; namedCurve?: string; hash?: { name: string } };
  if (name === 'Ed25519') return 'EdDSA';
  if (name === 'ECDSA' && namedCurve === 'P-256') return 'ES256';
  return name === 'RSASSA-PKCS1-v1_5' && hash?.name === 'SHA-256' ? 'RS256' : undefined;
}

function only(alg: string | undefined, algorithm: EventTokenAlgorithm): EventTokenAlgorithm | undefined {
  return alg === undefined || alg === algorithm ? algorithm : undefined;
}
