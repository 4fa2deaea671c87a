import { createHash, createHmac } from 'node:crypto';
import { events, formats, published, unusable, type VectorBody } from './bodies';
import type { Vector } from './vector';

const encoder = new TextEncoder();
const secret = encoder.encode('blue-test-secret-1');
const usual = published.find(({ event }) => event === 'TODO_DONE_STATUS_UPDATED') as VectorBody;
const mac = (key: Uint8Array, body: Uint8Array, hash = 'sha256'): Buffer => createHmac(hash, key).update(body).digest();
const signature = mac(secret, usual.bytes).toString('hex');

/** Every vector: genuine deliveries, then forgeries. */
export function allVectors(): Vector[] {
  return [
    ...[...published, ...events, ...formats, ...unusable].map((body) => genuine(body.name, body, secret)),
    ...secrets().map(([name, key]) => genuine(`secret ${name}`, usual, key)),
    ...headers().map(([name, signatures]) => forged(name, usual.bytes, signatures)),
    ...bodies().map(([name, bytes]) => forged(name, bytes, [signature])),
  ];
}

/** Keys around the block of 64 bytes (RFC 2104 section 2), and keys that are easily misread. */
function secrets(): [string, Uint8Array][] {
  const lengths = [1, 16, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1_024];
  return [
    ...lengths.map((length): [string, Uint8Array] => [`of ${length} bytes`, encoder.encode('k'.repeat(length))]),
    ['of 65 bytes beyond ASCII', encoder.encode(`k${'ü'.repeat(32)}`)],
    ['with a space at its end', encoder.encode('blue-test-secret-1 ')],
    ['with a line break at its end', encoder.encode('blue-test-secret-1\n')],
    ['that begins with pat_', encoder.encode('pat_3f9c2a17d84e')],
    ['that begins with whsec_', encoder.encode('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD')],
    ['that looks like hex', encoder.encode('00112233445566778899aabbccddeeff')],
    ['that looks like base64', encoder.encode('AAECAwQFBgcICQoLDA0ODw==')],
    ['of an emoji', encoder.encode('🔑')],
    ['of bytes that are not text', Uint8Array.from({ length: 32 }, (_, place) => 255 - place)],
    ['of 64 zero bytes', new Uint8Array(64)],
  ];
}

/** Headers that are not the signature of these bytes, exactly once, in 64 lowercase hex characters. */
function headers(): [string, string[]][] {
  const digest = mac(secret, usual.bytes);
  const flipped = [...signature].map((digit, place): [string, string[]] => [
    `signature with another digit at ${place}`,
    [signature.slice(0, place) + (digit === '0' ? '1' : '0') + signature.slice(place + 1)],
  ]);
  return [
    ['no signature', []],
    ['empty signature', ['']],
    ['signature of spaces', [' '.repeat(64)]],
    ['signature in upper case', [signature.toUpperCase()]],
    ['signature in mixed case', [signature.slice(0, 32).toUpperCase() + signature.slice(32)]],
    ['signature with sha256=', [`sha256=${signature}`]],
    ['signature with v1=', [`v1=${signature}`]],
    ['signature with 0x', [`0x${signature}`]],
    ['signature with a space before', [` ${signature}`]],
    ['signature with a space after', [`${signature} `]],
    ['signature with a line break after', [`${signature}\n`]],
    ['signature with a NUL after', [`${signature}\0`]],
    ['signature in quotes', [`"${signature}"`]],
    ['signature of 63 characters', [signature.slice(0, 63)]],
    ['signature of 62 characters', [signature.slice(0, 62)]],
    ['signature of 32 characters', [signature.slice(0, 32)]],
    ['signature of 65 characters', [`${signature}0`]],
    ['signature of 128 characters', [signature + signature]],
    ['signature with colons', [(signature.match(/../g) ?? []).join(':')]],
    ['signature with a letter beyond hex', [`g${signature.slice(1)}`]],
    ['signature with a full-width digit', [`\uff11${signature.slice(1)}`]],
    ['signature with an Arabic digit', [`\u0661${signature.slice(1)}`]],
    ['signature with a character that ends in the same byte', [`\u0162${signature.slice(1)}`]],
    ['signature in base64', [digest.toString('base64')]],
    ['signature in base64url', [digest.toString('base64url')]],
    ['signature twice', [signature, signature]],
    ['signature before a wrong one', [signature, '0'.repeat(64)]],
    ['signature after a wrong one', ['0'.repeat(64), signature]],
    ['signature twice in one value', [`${signature}, ${signature}`]],
    ['signature of zeros', ['0'.repeat(64)]],
    ['signature of the letter f', ['f'.repeat(64)]],
    ['signature under another secret', [mac(encoder.encode('blue-test-secret-2'), usual.bytes).toString('hex')]],
    ['signature under the empty secret', [mac(new Uint8Array(), usual.bytes).toString('hex')]],
    [
      'signature under a secret with a line break',
      [mac(encoder.encode('blue-test-secret-1\n'), usual.bytes).toString('hex')],
    ],
    [
      'signature under a secret in upper case',
      [mac(encoder.encode('BLUE-TEST-SECRET-1'), usual.bytes).toString('hex')],
    ],
    ['signature with key and body exchanged', [mac(usual.bytes, secret).toString('hex')]],
    ['signature of another body', [mac(secret, (events[0] as VectorBody).bytes).toString('hex')]],
    ['signature of the empty body', [mac(secret, new Uint8Array()).toString('hex')]],
    ['signature of the indented body', [mac(secret, encoder.encode(indented())).toString('hex')]],
    [
      'signature of the body in base64',
      [mac(secret, Buffer.from(Buffer.from(usual.bytes).toString('base64'))).toString('hex')],
    ],
    [
      'signature of the hash of the body',
      [mac(secret, createHash('sha256').update(usual.bytes).digest()).toString('hex')],
    ],
    ['SHA-256 without a key', [createHash('sha256').update(usual.bytes).digest('hex')]],
    ['SHA-256 of secret and body', [createHash('sha256').update(secret).update(usual.bytes).digest('hex')]],
    ['SHA-256 of body and secret', [createHash('sha256').update(usual.bytes).update(secret).digest('hex')]],
    ['HMAC-SHA1', [mac(secret, usual.bytes, 'sha1').toString('hex')]],
    ['HMAC-SHA512, cut', [mac(secret, usual.bytes, 'sha512').toString('hex').slice(0, 64)]],
    ['HMAC-SHA512/256', [mac(secret, usual.bytes, 'sha512-256').toString('hex')]],
    ['HMAC-SHA3-256', [mac(secret, usual.bytes, 'sha3-256').toString('hex')]],
    ['signature in reverse', [[...signature].reverse().join('')]],
    ...flipped,
  ];
}

/** Bodies that differ from the signed one, however slightly. */
function bodies(): [string, Uint8Array][] {
  const { bytes } = usual;
  const text = new TextDecoder().decode(bytes);
  return [
    ['body with a line break added', encoder.encode(`${text}\n`)],
    ['body with a space added before', encoder.encode(` ${text}`)],
    ['body with a byte order mark added', encoder.encode(`\ufeff${text}`)],
    ['body with a NUL added', encoder.encode(`${text}\0`)],
    ['body without its last byte', bytes.slice(0, -1)],
    ['body without its first byte', bytes.slice(1)],
    ['body with one bit changed', bytes.map((byte, place) => (place === 100 ? byte ^ 1 : byte))],
    ['body with its last bit changed', bytes.map((byte, place) => (place === bytes.length - 1 ? byte ^ 1 : byte))],
    ['body indented', encoder.encode(indented())],
    ['body twice', encoder.encode(text + text)],
    ['body empty', new Uint8Array()],
    ['body of another event', (events[1] as VectorBody).bytes],
    ['body in UTF-16', Uint8Array.from(Buffer.from(text, 'utf16le'))],
    ['body in base64', encoder.encode(Buffer.from(bytes).toString('base64'))],
    ['body with an escaped letter', encoder.encode(text.replace('Draft', '\\u0044raft'))],
  ];
}

const indented = (): string => JSON.stringify(JSON.parse(new TextDecoder().decode(usual.bytes)), null, 2);

function genuine(name: string, { bytes, code, event }: VectorBody, key: Uint8Array): Vector {
  return { ...request(name, key, bytes, [mac(key, bytes).toString('hex')]), genuine: true, code, event };
}

function forged(name: string, bytes: Uint8Array, signatures: readonly string[]): Vector {
  return { ...request(name, secret, bytes, signatures), genuine: false, code: codeOf(signatures), event: null };
}

function request(name: string, key: Uint8Array, bytes: Uint8Array, signatures: readonly string[]) {
  return {
    name,
    secretHex: Buffer.from(key).toString('hex'),
    bodyBase64: Buffer.from(bytes).toString('base64'),
    signatures,
  };
}

/** Returns the code for a list of signatures without a genuine one. */
function codeOf([signature, ...more]: readonly string[]): string {
  if (signature === undefined) return 'SIGNATURE_MISSING';
  return more.length === 0 && /^[0-9a-f]{64}$/.test(signature) ? 'SIGNATURE_MISMATCH' : 'SIGNATURE_MALFORMED';
}
