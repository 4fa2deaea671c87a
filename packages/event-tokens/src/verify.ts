import { isObject } from '@blue-webhooks/core/adapter';
import { base64url, type JWSHeaderParameters, jwtVerify } from 'jose';
import type { EventTokenAlgorithm } from './algorithm';
import { isBase64url } from './base64url';
import { EventTokenError, type EventTokenErrorCode } from './errors';
import { type Expectation, expectationOf, type VerifyEventTokenOptions } from './expectation';
import { hasRepeatedName } from './repeated-name';
import { readClaims, type VerifiedEventToken } from './verified-event-token';

const SET_TYPES: readonly unknown[] = ['secevent+jwt', 'application/secevent+jwt'];
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }); // keeps a byte order mark

/**
 * Verifies a token and returns its typed event. Needs no webhook secret, only the issuer's public keys.
 * @throws EventTokenError with the reason as its code
 * @throws TypeError if an option is missing or unsafe: symmetric keys and algorithms, a key set without TLS
 */
export async function verifyEventToken(token: string, options: VerifyEventTokenOptions): Promise<VerifiedEventToken> {
  return verifyAgainst(token, expectationOf(options));
}

/**
 * `verifyEventToken` with options that have been prepared.
 * @throws EventTokenError
 */
export async function verifyAgainst(token: string, expected: Expectation): Promise<VerifiedEventToken> {
  const parts = partsOf(token, expected.maxTokenBytes);
  checkHeader(parseJson(parts.header), expected.algorithms);
  const claims = await authenticate(token, expected);
  if (hasRepeatedName(textOf(parts.payload))) throw new EventTokenError('TOKEN_MALFORMED');
  return readClaims(claims);
}

/** The two parts that are read before the signature is checked, from a compact JWS (RFC 7515 section 7.1). */
function partsOf(token: string, maxTokenBytes: number): { header: string; payload: string } {
  if (typeof token !== 'string') throw new EventTokenError('TOKEN_MALFORMED');
  if (token.length > maxTokenBytes) throw new EventTokenError('TOKEN_TOO_LARGE');
  const parts = token.split('.');
  const [header, payload] = parts;
  // Decoders accept several spellings of the same bytes, and one of the signature would make a second token. The signature
  // of an unsecured token is empty.
  if (parts.length !== 3 || !header || !payload || !parts.every(isBase64url)) {
    throw new EventTokenError('TOKEN_MALFORMED');
  }
  return { header, payload };
}

function checkHeader(header: JWSHeaderParameters, algorithms: readonly EventTokenAlgorithm[]): void {
  // The type first: other kinds of tokens, such as ID tokens, are refused here (RFC 8417 section 4.1, RFC 8725 section 3.11).
  const { typ, alg } = header;
  if (typeof typ !== 'string' || !SET_TYPES.includes(typ.toLowerCase())) throw new EventTokenError('TOKEN_TYPE');
  if (!(algorithms as readonly unknown[]).includes(alg)) throw new EventTokenError('TOKEN_ALGORITHM');
}

/** Verifies the signature, critical extensions (RFC 7515 section 4.1.11), issuer, audience and age with jose. */
async function authenticate(token: string, expected: Expectation): Promise<Record<string, unknown>> {
  const { issuer, audience, algorithms, findKey, maxAgeMs, clockToleranceMs } = expected;
  try {
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: [...algorithms],
      issuer,
      audience: [...audience],
      maxTokenAge: maxAgeMs / 1000,
      clockTolerance: clockToleranceMs / 1000,
    });
    return payload;
  } catch (error) {
    // Without jose's error as cause: it contains the claims.
    throw EventTokenError.is(error) ? error : new EventTokenError(codeOf(error));
  }
}

/** Returns the code for an error of jose, by its `code`: `instanceof` fails for errors of another realm. */
function codeOf(error: unknown): EventTokenErrorCode {
  const { code, claim, reason } = error as { code?: unknown; claim?: string; reason?: string };
  switch (code) {
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return 'TOKEN_SIGNATURE';
    case 'ERR_JWT_EXPIRED':
      return 'TOKEN_EXPIRED';
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      if (claim === 'iss') return 'TOKEN_ISSUER';
      if (claim === 'aud') return 'TOKEN_AUDIENCE';
      return reason === 'check_failed' ? 'TOKEN_FROM_FUTURE' : 'TOKEN_CLAIMS'; // iat and nbf are left
    case 'ERR_JWS_INVALID':
    case 'ERR_JWT_INVALID':
    case 'ERR_JOSE_NOT_SUPPORTED':
      return 'TOKEN_MALFORMED';
    default:
      return 'TOKEN_KEY'; // jose and Web Crypto refuse a key that does not fit the algorithm or is too short
  }
}

function parseJson(part: string): JWSHeaderParameters {
  const text = textOf(part);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without the parser's error as cause: its message quotes the token.
  }
  if (!isObject(value) || hasRepeatedName(text)) throw new EventTokenError('TOKEN_MALFORMED');
  return value;
}

/** Decodes a part. A byte order mark is invalid JSON (RFC 8259 section 8.1), although decoders skip it. */
function textOf(part: string): string {
  let text: string | undefined;
  try {
    text = utf8.decode(base64url.decode(part));
  } catch {
    // Without the decoder's error as cause: it can quote the token.
  }
  if (text === undefined || text.startsWith('\uFEFF')) throw new EventTokenError('TOKEN_MALFORMED');
  return text;
}
