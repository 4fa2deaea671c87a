import fc from 'fast-check';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { isBase64url } from '../src/base64url';
import {
  createEventTokenIssuer,
  EventTokenError,
  type Jwk,
  type KeySource,
  receiveEventTokens,
  verifyEventToken,
} from '../src/index';
import { ed25519, encode, jws, type Pair, p256, rsa, signatureOf } from './by-hand';
import { verifiedDelivery } from './deliveries';
import { serve } from './serve';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const pairs = { EdDSA: ed25519(), Ed25519: ed25519(), ES256: p256(), RS256: rsa(), 'RS256 of 3072 bits': rsa(3072) };
const publicJwk = ({ publicKey }: Pair) => publicKey.export({ format: 'jwk' }) as Jwk;

const claims = (more: object = {}) => ({
  iss: issuer,
  aud: audience,
  iat: Math.floor(Date.now() / 1000),
  jti: 'a delivery',
  events: { 'https://blue.cc/webhooks/events/TODO_CREATED': { event: 'TODO_CREATED', currentValue: { id: '1' } } },
  ...more,
});

/** The code of the failure, `accepted` without one. */
async function verdict(token: string, keys: KeySource): Promise<string> {
  const error = await verifyEventToken(token, { issuer, audience, keys }).catch((thrown: unknown) => thrown);
  if (EventTokenError.is(error)) return error.code;
  if (error instanceof Error) throw error;
  return 'accepted';
}

const replaced = (token: string, place: number, change: (part: string) => string) =>
  token
    .split('.')
    .map((part, at) => (at === place ? change(part) : part))
    .join('.');

/** Every text that differs from a part in its last character only and that a lenient decoder reads as the same bytes. */
function otherSpellings(part: string): string[] {
  const bytes = Buffer.from(part, 'base64url');
  return [...ALPHABET]
    .map((last) => part.slice(0, -1) + last)
    .filter((text) => text !== part && Buffer.from(text, 'base64url').equals(bytes));
}

describe.each(Object.entries(pairs))('with %s', (name, pair) => {
  const [alg = ''] = name.split(' ');
  const header = { alg, typ: 'secevent+jwt' };
  const keys = { ...publicJwk(pair), alg };
  const makers: Record<string, () => Promise<string>> = {
    'node:crypto': async () => jws(header, claims(), pair.privateKey),
    jose: () => new SignJWT(claims()).setProtectedHeader(header).sign(pair.privateKey),
    'the issuer of this package': async () => {
      const key = { ...(pair.privateKey.export({ format: 'jwk' }) as Jwk), alg };
      return createEventTokenIssuer({ issuer, audience, key }).issue(await verifiedDelivery());
    },
  };

  test.each(Object.keys(makers))('accepts one of 64 last characters of a signature that %s made', async (maker) => {
    const token = await (makers[maker] as () => Promise<string>)();
    const verdicts = await Promise.all([...ALPHABET].map((last) => verdict(token.slice(0, -1) + last, keys)));
    expect(verdicts.filter((code) => code === 'accepted')).toHaveLength(1);
    expect(verdicts[ALPHABET.indexOf(token.slice(-1))]).toBe('accepted');
    expect(verdicts.every((code) => ['accepted', 'TOKEN_MALFORMED', 'TOKEN_SIGNATURE'].includes(code))).toBe(true);
  });

  test('refuses every other spelling of the signature as malformed', async () => {
    const token = jws(header, claims(), pair.privateKey);
    const spellings = otherSpellings(token.split('.')[2] ?? '');
    // 3072 bits are 384 bytes, which base64url encodes without unused bits.
    expect(spellings).toHaveLength(name === 'RS256 of 3072 bits' ? 0 : 15);
    for (const spelling of spellings) {
      expect(
        await verdict(
          replaced(token, 2, () => spelling),
          keys,
        ),
      ).toBe('TOKEN_MALFORMED');
    }
  });

  test.each([
    ['header', 0],
    ['payload', 1],
  ])('refuses every other spelling of the %s, even one that was signed', async (_part, place) => {
    for (const pad of ['', 'x', 'xx']) {
      const parts = [encode({ ...header, pad }), encode(claims({ pad }))];
      for (const spelling of otherSpellings(parts[place] ?? '')) {
        const spelled = parts.map((part, at) => (at === place ? spelling : part));
        expect(await verdict(signedText(spelled, alg, pair), keys)).toBe('TOKEN_MALFORMED');
      }
      expect(await verdict(signedText(parts, alg, pair), keys)).toBe('accepted');
    }
  });

  test.each([
    ['padding', (part: string) => part + '='.repeat((4 - (part.length % 4)) % 4 || 4)],
    ['a space at the end', (part: string) => `${part} `],
    ['a tab at the start', (part: string) => `\t${part}`],
    ['a line break in the middle', (part: string) => `${part.slice(0, 8)}\n${part.slice(8)}`],
    ['the base64 alphabet', (part: string) => `+/${part.slice(2)}`],
    ['a percent escape', (part: string) => `%41${part.slice(1)}`],
    ['a letter beyond ASCII', (part: string) => `${part}é`],
    ['a single character in excess of whole bytes', (part: string) => part + 'A'.repeat(((1 - part.length) % 4) + 4)],
  ])('refuses %s in every part', async (_what, change) => {
    const token = jws(header, claims(), pair.privateKey);
    for (const place of [0, 1, 2]) expect(await verdict(replaced(token, place, change), keys)).toBe('TOKEN_MALFORMED');
  });
});

/** A token over parts that are signed as they are spelled. */
function signedText(parts: readonly string[], alg: string, { privateKey }: Pair): string {
  const input = parts.join('.');
  return `${input}.${signatureOf(alg, input, privateKey).toString('base64url')}`;
}

test('a byte order mark makes no second spelling, neither around nor inside a token', async () => {
  const pair = pairs.EdDSA;
  const header = { alg: 'EdDSA', typ: 'secevent+jwt' };
  const token = jws(header, claims(), pair.privateKey);
  const keys = publicJwk(pair);
  expect(await verdict(`\uFEFF${token}`, keys)).toBe('TOKEN_MALFORMED');
  const marked = (part: object) => encode(`\uFEFF${JSON.stringify(part)}`);
  for (const parts of [
    [marked(header), encode(claims())],
    [encode(header), marked(claims())],
  ]) {
    expect(await verdict(signedText(parts, 'EdDSA', pair), keys)).toBe('TOKEN_MALFORMED');
  }

  const receiver = receiveEventTokens({ issuer, audience, keys }, () => {});
  const post = (body: string) =>
    receiver.fetch(
      new Request('https://billing.example/', {
        method: 'POST',
        headers: { 'content-type': 'application/secevent+jwt' },
        body: Buffer.from(body),
      }),
    );
  expect((await post(token)).status).toBe(202);
  expect((await post(`\uFEFF${token}`)).status).toBe(400);
});

describe('a JSON Web Key in another spelling', () => {
  const other = (jwk: Jwk): Jwk => ({ ...jwk, x: otherSpellings(jwk.x ?? '')[0] });
  const pair = pairs.EdDSA;
  const privateJwk = pair.privateKey.export({ format: 'jwk' }) as Jwk;
  const notBase64url = expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('base64url') });

  test.each<[string, () => KeySource]>([
    ['as a key', () => other(publicJwk(pair))],
    ['with padding', () => ({ ...publicJwk(pair), x: `${publicJwk(pair).x}=` })],
    ['in a set', () => ({ keys: [publicJwk(pairs.ES256), other(publicJwk(pair))] })],
  ])('is a TypeError to a recipient: %s', async (_how, keys) => {
    const options = { issuer, audience, keys: keys() };
    await expect(verifyEventToken('a.a.a', options)).rejects.toEqual(notBase64url);
    expect(() => receiveEventTokens(options, () => {})).toThrow(notBase64url);
  });

  test.each(['x', 'd'] as const)('is a TypeError to an issuer: %s', (member) => {
    const key = { ...privateJwk, [member]: otherSpellings(privateJwk[member] ?? '')[0] };
    expect(() => createEventTokenIssuer({ issuer, audience, key })).toThrow(notBase64url);
    expect(() => createEventTokenIssuer({ issuer, audience, key: privateJwk, alsoPublish: [{ key }] })).toThrow(
      notBase64url,
    );
  });

  test('is ignored in a set that is fetched, and the other keys are used', async () => {
    const keys = [
      { ...other(publicJwk(pair)), kid: 'sloppy' },
      { ...publicJwk(pairs.ES256), kid: 'strict' },
    ];
    const { url } = await serve((_request, response) => response.end(JSON.stringify({ keys })));
    const typ = 'secevent+jwt';
    expect(await verdict(jws({ alg: 'ES256', kid: 'strict', typ }, claims(), pairs.ES256.privateKey), url)).toBe(
      'accepted',
    );
    expect(await verdict(jws({ alg: 'EdDSA', kid: 'sloppy', typ }, claims(), pair.privateKey), url)).toBe('TOKEN_KEY');
  });
});

describe('isBase64url', () => {
  test('accepts what base64url encoders write', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => isBase64url(Buffer.from(bytes).toString('base64url'))));
  });

  test('accepts a text only if it is the encoding of what it decodes to', () => {
    const text = fc.string({ unit: fc.constantFrom(...ALPHABET, '=', '+', '/', ' ', '\n', 'é'), maxLength: 12 });
    fc.assert(
      fc.property(
        text,
        (part) => isBase64url(part) === (Buffer.from(part, 'base64url').toString('base64url') === part),
      ),
    );
  });
});
