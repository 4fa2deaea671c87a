import type { EventTokenErrorCode, Jwk, JwkSet } from '../src/index';
import { decode, ed25519, encode, jws, type Pair, rsa } from './by-hand';

/** What a hostile token is made from: everything that an attacker could have, and some things that only the issuer has. */
export interface Forge {
  /** The key pair that the recipient trusts. */
  readonly trusted: Pair;
  /** The same key, as the recipient's set has it. */
  readonly kid: string;
  /** A key pair of the attacker's, of the same kind. */
  readonly stranger: Pair;
  /** A trusted key of another kind. */
  readonly rsa: Pair;
  /** A claims set that would pass. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly now: number;
}

type Make = (forge: Forge) => unknown;

/** A forge for tokens with these claims, and the set of keys that the recipient trusts. */
export function createForge(claims: Forge['claims']): { readonly forge: Forge; readonly keys: JwkSet } {
  const [trusted, trustedRsa] = [ed25519(), rsa()];
  const jwk = ({ publicKey }: Pair, kid: string) => ({ ...(publicKey.export({ format: 'jwk' }) as Jwk), kid });
  const now = Number(claims.iat);
  return {
    forge: { trusted, kid: 'EdDSA', stranger: ed25519(), rsa: trustedRsa, claims, now },
    keys: { keys: [jwk(trusted, 'EdDSA'), jwk(trustedRsa, 'rsa')] },
  };
}

const uri = 'https://blue.cc/webhooks/events/TODO_CREATED';
const typ = 'secevent+jwt';
const header = (forge: Forge, more: object = {}) => ({ alg: 'EdDSA', kid: forge.kid, typ, ...more });
const genuine = (forge: Forge, claims: object = {}, more: object = {}) =>
  jws(header(forge, more), { ...forge.claims, ...claims }, forge.trusted.privateKey);
const without = (forge: Forge, claim: string) => genuine(forge, { [claim]: undefined });
const payloadText = (forge: Forge) => JSON.stringify(forge.claims);
const changed = (token: string, place: 0 | 1 | 2, change: (part: string) => string) =>
  token
    .split('.')
    .map((part, at) => (at === place ? change(part) : part))
    .join('.');
const truncated = (part: string) => encode(Buffer.from(part, 'base64url').subarray(0, -3));
const publicPem = ({ trusted }: Forge) => trusted.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const publicX = ({ trusted }: Forge) => String(trusted.publicKey.export({ format: 'jwk' }).x);
const attackersJwk = ({ stranger }: Forge) => stranger.publicKey.export({ format: 'jwk' });

function nested(forge: Forge, levels: number): string {
  const deep = `{"event":"TODO_CREATED","currentValue":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const text = JSON.stringify({ ...forge.claims, events: { [uri]: 'here' } }).replace('"here"', deep);
  return jws(header(forge), text, forge.trusted.privateKey);
}

/** Tokens that must not pass, by what is wrong with them. Where only the issuer could make one, its key is used. */
export const hostileTokens: readonly (readonly [title: string, code: EventTokenErrorCode, make: Make])[] = [
  // The form.
  ['nothing', 'TOKEN_MALFORMED', () => ''],
  ['no text', 'TOKEN_MALFORMED', () => undefined],
  ['an object with a length', 'TOKEN_MALFORMED', () => ({ length: 1, split: () => [] })],
  ['words', 'TOKEN_MALFORMED', () => 'Bearer of good news'],
  ['two parts', 'TOKEN_MALFORMED', (f) => genuine(f).split('.').slice(0, 2).join('.')],
  ['four parts', 'TOKEN_MALFORMED', (f) => `${genuine(f)}.AAAA`],
  [
    'an encrypted token (five parts)',
    'TOKEN_MALFORMED',
    () => `${encode({ alg: 'dir', enc: 'A256GCM', typ })}..AAAA.AAAA.AAAA`,
  ],
  [
    'the JSON serialisation',
    'TOKEN_MALFORMED',
    (f) => {
      const [protectedHeader, payload, signature] = genuine(f).split('.');
      return JSON.stringify({ protected: protectedHeader, payload, signature });
    },
  ],
  ['a newline at the end', 'TOKEN_MALFORMED', (f) => `${genuine(f)}\n`],
  ['a space at the start', 'TOKEN_MALFORMED', (f) => ` ${genuine(f)}`],
  ['padding', 'TOKEN_MALFORMED', (f) => changed(genuine(f), 2, (part) => `${part}==`)],
  ['base64 instead of base64url', 'TOKEN_MALFORMED', (f) => changed(genuine(f), 1, (part) => `${part}+/`)],
  ['a header that is not JSON', 'TOKEN_MALFORMED', (f) => changed(genuine(f), 0, () => encode('{"alg":'))],
  ['a header that is an array', 'TOKEN_MALFORMED', (f) => changed(genuine(f), 0, () => encode('[]'))],
  [
    'a header that is not UTF-8',
    'TOKEN_MALFORMED',
    (f) => changed(genuine(f), 0, () => encode(Uint8Array.of(0x7b, 0xff, 0x7d))),
  ],
  ['a signed payload that is not JSON', 'TOKEN_MALFORMED', (f) => jws(header(f), 'no JSON', f.trusted.privateKey)],
  ['a signed payload that is an array', 'TOKEN_MALFORMED', (f) => jws(header(f), [f.claims], f.trusted.privateKey)],
  ['a token inside a token', 'TOKEN_MALFORMED', (f) => jws(header(f), genuine(f), f.trusted.privateKey)],
  [
    'a token inside a token that says so',
    'TOKEN_MALFORMED',
    (f) => jws(header(f, { cty: 'JWT' }), genuine(f), f.trusted.privateKey),
  ],
  ['a million letters', 'TOKEN_TOO_LARGE', () => `${'A'.repeat(524_288)}.${'A'.repeat(524_288)}.AAAA`],
  [
    'a genuine token that is larger than the limit',
    'TOKEN_TOO_LARGE',
    (f) => genuine(f, { more: 'x'.repeat(1_048_576) }),
  ],

  // The signature.
  ['a truncated signature', 'TOKEN_SIGNATURE', (f) => changed(genuine(f), 2, truncated)],
  ['no signature under a good algorithm', 'TOKEN_SIGNATURE', (f) => changed(genuine(f), 2, () => '')],
  [
    'a signature of nothing but zeros',
    'TOKEN_SIGNATURE',
    (f) => changed(genuine(f), 2, () => encode(new Uint8Array(64))),
  ],
  [
    'a changed payload',
    'TOKEN_SIGNATURE',
    (f) => changed(genuine(f), 1, (part) => encode({ ...decode(part), jti: 'another' })),
  ],
  [
    'a changed header',
    'TOKEN_SIGNATURE',
    (f) => changed(genuine(f), 0, (part) => encode({ ...decode(part), extra: 1 })),
  ],
  ['a truncated payload', 'TOKEN_SIGNATURE', (f) => changed(genuine(f), 1, truncated)],
  [
    'the signature of another token',
    'TOKEN_SIGNATURE',
    (f) => changed(genuine(f), 2, () => genuine(f, { jti: 'another' }).split('.')[2] ?? ''),
  ],
  ['a stranger’s signature under our kid', 'TOKEN_SIGNATURE', (f) => jws(header(f), f.claims, f.stranger.privateKey)],
  [
    'a stranger’s key in the header (jwk)',
    'TOKEN_SIGNATURE',
    (f) => jws(header(f, { jwk: attackersJwk(f) }), f.claims, f.stranger.privateKey),
  ],
  [
    'a stranger’s key set in the header (jku)',
    'TOKEN_SIGNATURE',
    (f) => jws(header(f, { jku: 'https://evil.example/jwks.json' }), f.claims, f.stranger.privateKey),
  ],
  [
    'a stranger’s certificate in the header (x5c)',
    'TOKEN_SIGNATURE',
    (f) => jws(header(f, { x5c: ['AAAA'], x5u: 'https://evil.example' }), f.claims, f.stranger.privateKey),
  ],

  // The key.
  ['an unknown kid', 'TOKEN_KEY', (f) => jws(header(f, { kid: 'unknown' }), f.claims, f.stranger.privateKey)],
  [
    'a kid that is a path',
    'TOKEN_KEY',
    (f) => jws(header(f, { kid: '../../dev/null' }), f.claims, f.stranger.privateKey),
  ],
  [
    'a kid that is not a string',
    'TOKEN_KEY',
    (f) => jws(header(f, { kid: { $ne: null } }), f.claims, f.trusted.privateKey),
  ],
  ['a kid of every object', 'TOKEN_KEY', (f) => jws(header(f, { kid: '__proto__' }), f.claims, f.stranger.privateKey)],
  [
    'the kid of a key of another kind',
    'TOKEN_KEY',
    (f) => jws(header(f, { kid: 'rsa' }), f.claims, f.trusted.privateKey),
  ],
  [
    'no kid, and a stranger’s key in its place',
    'TOKEN_SIGNATURE',
    (f) => jws(header(f, { kid: undefined, jwk: attackersJwk(f) }), f.claims, f.stranger.privateKey),
  ],

  // The algorithm.
  ['none', 'TOKEN_ALGORITHM', (f) => jws(header(f, { alg: 'none' }), f.claims, '')],
  ['none, without a signature', 'TOKEN_ALGORITHM', (f) => `${encode(header(f, { alg: 'none' }))}.${encode(f.claims)}.`],
  ['None', 'TOKEN_ALGORITHM', (f) => `${encode(header(f, { alg: 'None' }))}.${encode(f.claims)}.`],
  [
    'HS256 with the public key as PEM',
    'TOKEN_ALGORITHM',
    (f) => jws(header(f, { alg: 'HS256' }), f.claims, publicPem(f)),
  ],
  [
    'HS256 with the public key’s coordinate',
    'TOKEN_ALGORITHM',
    (f) => jws(header(f, { alg: 'HS256' }), f.claims, publicX(f)),
  ],
  ['HS256 with an empty key', 'TOKEN_ALGORITHM', (f) => jws(header(f, { alg: 'HS256' }), f.claims, '')],
  ['no algorithm', 'TOKEN_ALGORITHM', (f) => genuine(f, {}, { alg: undefined })],
  ['an algorithm in a list', 'TOKEN_ALGORITHM', (f) => genuine(f, {}, { alg: ['EdDSA'] })],
  ['an algorithm in other letters', 'TOKEN_ALGORITHM', (f) => genuine(f, {}, { alg: 'eddsa' })],
  [
    'an algorithm that a recipient has not pinned',
    'TOKEN_ALGORITHM',
    (f) => jws(header(f, { alg: 'RS384' }), f.claims, f.rsa.privateKey),
  ],
  ['an algorithm that the key is not for', 'TOKEN_KEY', (f) => genuine(f, {}, { alg: 'ES256' })],

  // The header's promises.
  ['no type', 'TOKEN_TYPE', (f) => genuine(f, {}, { typ: undefined })],
  ['a plain JWT', 'TOKEN_TYPE', (f) => genuine(f, {}, { typ: 'JWT' })],
  ['an access token', 'TOKEN_TYPE', (f) => genuine(f, {}, { typ: 'at+jwt' })],
  ['a logout token', 'TOKEN_TYPE', (f) => genuine(f, {}, { typ: 'logout+jwt' })],
  [
    'an ID token',
    'TOKEN_TYPE',
    (f) => {
      const { jti, events, ...rest } = f.claims;
      return jws(
        header(f, { typ: 'JWT' }),
        { ...rest, sub: 'user', exp: f.now + 600, nonce: 'n' },
        f.trusted.privateKey,
      );
    },
  ],
  ['a type in a list', 'TOKEN_TYPE', (f) => genuine(f, {}, { typ: [typ] })],
  ['an unknown critical extension', 'TOKEN_MALFORMED', (f) => genuine(f, {}, { crit: ['exp'], exp: f.now })],
  ['an empty list of critical extensions', 'TOKEN_MALFORMED', (f) => genuine(f, {}, { crit: [] })],
  ['an unencoded payload (b64)', 'TOKEN_MALFORMED', (f) => genuine(f, {}, { crit: ['b64'], b64: false })],

  // Names that occur twice.
  [
    'the algorithm twice',
    'TOKEN_MALFORMED',
    (f) => jws(`{"alg":"EdDSA","kid":"${f.kid}","typ":"${typ}","alg":"EdDSA"}`, f.claims, f.trusted.privateKey),
  ],
  [
    'the issuer twice',
    'TOKEN_MALFORMED',
    (f) => jws(header(f), `{"iss":"https://evil.example",${payloadText(f).slice(1)}`, f.trusted.privateKey),
  ],
  [
    'the audience twice, once in disguise',
    'TOKEN_MALFORMED',
    (f) => jws(header(f), `{"\\u0061ud":"other",${payloadText(f).slice(1)}`, f.trusted.privateKey),
  ],
  [
    'one event twice',
    'TOKEN_MALFORMED',
    (f) => jws(header(f), payloadText(f).replace('"events":{', `"events":{"${uri}":{},`), f.trusted.privateKey),
  ],

  // The claims.
  ['another issuer', 'TOKEN_ISSUER', (f) => genuine(f, { iss: 'https://evil.example' })],
  ['an issuer that only begins like ours', 'TOKEN_ISSUER', (f) => genuine(f, { iss: `${f.claims.iss}.evil.example` })],
  ['an issuer with a slash more', 'TOKEN_ISSUER', (f) => genuine(f, { iss: `${f.claims.iss}/` })],
  ['an issuer in a list', 'TOKEN_ISSUER', (f) => genuine(f, { iss: [f.claims.iss] })],
  ['no issuer', 'TOKEN_ISSUER', (f) => without(f, 'iss')],
  ['another audience', 'TOKEN_AUDIENCE', (f) => genuine(f, { aud: 'https://other.example' })],
  [
    'several audiences, none of them us',
    'TOKEN_AUDIENCE',
    (f) => genuine(f, { aud: ['https://a.example', 'https://b.example'] }),
  ],
  ['an empty list of audiences', 'TOKEN_AUDIENCE', (f) => genuine(f, { aud: [] })],
  ['no audience', 'TOKEN_AUDIENCE', (f) => without(f, 'aud')],
  ['an audience in an object', 'TOKEN_AUDIENCE', (f) => genuine(f, { aud: { [String(f.claims.aud)]: true } })],
  ['a token of two days ago', 'TOKEN_EXPIRED', (f) => genuine(f, { iat: f.now - 2 * 86_400 })],
  ['a token from the beginning of time', 'TOKEN_EXPIRED', (f) => genuine(f, { iat: 0 })],
  ['an expiry that is over', 'TOKEN_EXPIRED', (f) => genuine(f, { exp: f.now - 3_600 })],
  ['a token of the next hour', 'TOKEN_FROM_FUTURE', (f) => genuine(f, { iat: f.now + 3_600 })],
  ['a time in milliseconds', 'TOKEN_FROM_FUTURE', (f) => genuine(f, { iat: f.now * 1_000 })],
  [
    'an infinite time',
    'TOKEN_FROM_FUTURE',
    (f) => jws(header(f), payloadText(f).replace(`"iat":${f.now}`, '"iat":1e999'), f.trusted.privateKey),
  ],
  ['a token that does not hold yet', 'TOKEN_FROM_FUTURE', (f) => genuine(f, { nbf: f.now + 3_600 })],
  ['a time in a text', 'TOKEN_CLAIMS', (f) => genuine(f, { iat: String(f.now) })],
  ['no time', 'TOKEN_CLAIMS', (f) => without(f, 'iat')],
  ['no id', 'TOKEN_CLAIMS', (f) => without(f, 'jti')],
  ['an empty id', 'TOKEN_CLAIMS', (f) => genuine(f, { jti: '' })],
  ['a number for an id', 'TOKEN_CLAIMS', (f) => genuine(f, { jti: 7 })],
  ['an id as long as a book', 'TOKEN_CLAIMS', (f) => genuine(f, { jti: 'x'.repeat(257) })],
  ['an invalid time of the event', 'TOKEN_CLAIMS', (f) => genuine(f, { toe: 'yesterday' })],
  ['a time of the event beyond all calendars', 'TOKEN_CLAIMS', (f) => genuine(f, { toe: 1e300 })],
  ['a subject that is a text', 'TOKEN_CLAIMS', (f) => genuine(f, { sub_id: 'user' })],
  ['no events', 'TOKEN_CLAIMS', (f) => without(f, 'events')],
  ['an empty set of events', 'TOKEN_CLAIMS', (f) => genuine(f, { events: {} })],
  ['events in a list', 'TOKEN_CLAIMS', (f) => genuine(f, { events: [{ event: 'TODO_CREATED' }] })],
  [
    'two events',
    'TOKEN_CLAIMS',
    (f) =>
      genuine(f, { events: { ...(f.claims.events as object), 'https://blue.cc/webhooks/events/TODO_DELETED': {} } }),
  ],
  ['an event that is a text', 'TOKEN_CLAIMS', (f) => genuine(f, { events: { [uri]: 'created' } })],
  [
    'an event under the name of another',
    'TOKEN_CLAIMS',
    (f) => genuine(f, { events: { [uri]: { event: 'TODO_DELETED' } } }),
  ],
  ['an event without its name', 'TOKEN_CLAIMS', (f) => genuine(f, { events: { [uri]: {} } })],
  ['an event that is nested a hundred thousand levels deep', 'TOKEN_CLAIMS', (f) => nested(f, 100_000)],
  ['an event that is nested more deeply than a small stack can follow', 'TOKEN_CLAIMS', (f) => nested(f, 1_001)],
];
