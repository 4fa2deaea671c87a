import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fixtures } from '@blue-webhooks/testing';
import { SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { describe, expect, test, vi } from 'vitest';
import {
  createEventTokenIssuer,
  EventTokenError,
  type Jwk,
  type KeySource,
  type VerifyEventTokenOptions,
  verifyEventToken,
} from '../src/index';
import { ed25519, jws, type Pair, p256, rsa } from './by-hand';
import { verifiedDelivery } from './deliveries';
import { createForge, hostileTokens } from './hostile-tokens';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const uri = 'https://blue.cc/webhooks/events/TODO_CREATED';
const pairs = { EdDSA: ed25519(), Ed25519: ed25519(), ES256: p256(), RS256: rsa() };
const publicJwk = ({ publicKey }: Pair) => publicKey.export({ format: 'jwk' }) as Jwk;
const keys = { keys: Object.entries(pairs).map(([alg, pair]) => ({ ...publicJwk(pair), kid: alg, alg, use: 'sig' })) };

const seconds = () => Math.floor(Date.now() / 1000);
const body = { event: 'TODO_CREATED', currentValue: { id: '1', title: 'T', done: true } };
const claims = () => ({ iss: issuer, aud: audience, iat: seconds(), jti: 'a delivery', events: { [uri]: body } });
const header = (alg: string) => ({ alg, kid: alg, typ: 'secevent+jwt' });
const made = (more: object = {}) => jws(header('EdDSA'), { ...claims(), ...more }, pairs.EdDSA.privateKey);
const check = (token: string, more: Partial<VerifyEventTokenOptions> = {}) =>
  verifyEventToken(token, { issuer, audience, keys, ...more });
const failsWith = (code: string) => expect.objectContaining({ name: 'EventTokenError', code });

describe('tokens that others made rightly', () => {
  test.each(Object.keys(pairs))('pass when made with nothing but node:crypto: %s', async (alg) => {
    const token = jws(header(alg), claims(), pairs[alg as 'EdDSA'].privateKey);
    expect((await check(token)).event).toEqual({ ...body, webhook: null, previousValue: null });
  });

  test.each(Object.keys(pairs))('pass when made with jose by hand: %s', async (alg) => {
    const token = await new SignJWT(claims()).setProtectedHeader(header(alg)).sign(pairs[alg as 'EdDSA'].privateKey);
    expect((await check(token)).jti).toBe('a delivery');
  });

  test.each(['ES256', 'RS256'] as const)('pass when made with the jsonwebtoken package: %s', async (algorithm) => {
    const options = { algorithm, keyid: algorithm, header: header(algorithm) };
    const token = jsonwebtoken.sign(claims(), pairs[algorithm].privateKey, options);
    expect((await check(token)).event?.event).toBe('TODO_CREATED');
  });

  test.each<[string, object, object]>([
    ['with us among several audiences', { aud: ['https://a.example', audience] }, {}],
    ['with an expiry that is not over', { exp: seconds() + 600 }, {}],
    ['with claims of their own', { txn: 't', sub: 's', extra: [1] }, {}],
    ['with the long form of the type', {}, { typ: 'application/secevent+jwt' }],
    ['with the type in capitals', {}, { typ: 'SECEVENT+JWT' }],
    ['within the tolerance of clocks', { iat: seconds() + 50 }, {}],
  ])('pass %s', async (_what, more, moreHeader) => {
    const token = jws({ ...header('EdDSA'), ...moreHeader }, { ...claims(), ...more }, pairs.EdDSA.privateKey);
    expect((await check(token)).jti).toBe('a delivery');
  });
});

describe('a verified token', () => {
  test('has the typed event, who vouched for it, when, and what it is about', async () => {
    const key = pairs.EdDSA.privateKey.export({ format: 'jwk' }) as Jwk;
    const delivery = await verifiedDelivery('TODO_MOVED');
    const before = Date.now();
    const token = await createEventTokenIssuer({ issuer, audience, key, kid: 'EdDSA' }).issue(delivery);
    const verified = await check(token);
    expect(verified).toEqual({
      jti: delivery.id,
      issuer,
      audience: [audience],
      issuedAt: expect.any(Date),
      occurredAt: new Date(fixtures.TODO_MOVED.currentValue.updatedAt.slice(0, 19).concat('Z')),
      entityId: fixtures.TODO_MOVED.currentValue.id,
      event: delivery.event,
      drift: [],
    });
    expect(before - verified.issuedAt.getTime()).toBeLessThan(1_000);
    if (verified.event?.event !== 'TODO_MOVED') throw new Error('It narrows.');
    expect(verified.event.currentValue.id).toBe(fixtures.TODO_MOVED.currentValue.id);
  });

  test('has every Blue event as the receiver had it', async () => {
    const key = pairs.EdDSA.privateKey.export({ format: 'jwk' }) as Jwk;
    const tokens = createEventTokenIssuer({ issuer, audience, key, kid: 'EdDSA' });
    for (const name of Object.keys(fixtures)) {
      const delivery = await verifiedDelivery(name as keyof typeof fixtures);
      expect((await check(await tokens.issue(delivery))).event).toEqual(delivery.event);
    }
  });

  test.each(['A/B ü?#%', '__proto__'])('has the name of an unknown event to the letter: %s', async (name) => {
    const key = pairs.EdDSA.privateKey.export({ format: 'jwk' }) as Jwk;
    const token = await createEventTokenIssuer({ issuer, audience, key, kid: 'EdDSA' }).issue(
      await verifiedDelivery({ event: name, a: 1 }),
    );
    const [uri = ''] = Object.keys(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).events);
    expect(new URL(uri).href).toBe(uri); // RFC 8417 section 2.2 requires a URI
    expect((await check(token)).event).toMatchObject({ event: 'UNKNOWN', name, payload: { event: name, a: 1 } });
  });

  test('has a reference in place of an event that was too large', async () => {
    const key = pairs.EdDSA.privateKey.export({ format: 'jwk' }) as Jwk;
    const tokens = createEventTokenIssuer({ issuer, audience, key, kid: 'EdDSA', maxPayloadBytes: 0 });
    const delivery = await verifiedDelivery('TODO_MOVED');
    const { event, reference } = await check(await tokens.issue(delivery));
    expect(event).toBeUndefined();
    expect(reference).toMatchObject({ id: delivery.id, event: 'TODO_MOVED' });
  });

  test('names the audiences that are names', async () => {
    expect((await check(made({ aud: [audience, 7, null, 'another'] }))).audience).toEqual([audience, 'another']);
  });

  test('lists what drifted, as a receiver does', async () => {
    const drifted = { event: 'TODO_CREATED', currentValue: { id: '1', title: 'T', done: 'maybe' } };
    const { drift, event } = await check(made({ events: { [uri]: drifted } }));
    expect(drift).toEqual([{ path: 'currentValue.done', expected: 'boolean' }]);
    expect(event).toMatchObject({ event: 'TODO_CREATED', currentValue: { id: '1' } });
  });

  test.each([
    [
      'a Blue event without a type',
      'https://blue.cc/webhooks/events/TODO_ARCHIVED',
      'TODO_ARCHIVED',
      { event: 'TODO_ARCHIVED' },
    ],
    ['a name that had to be encoded', 'https://blue.cc/webhooks/events/A%2FB%20%C3%BC', 'A/B ü', { event: 'A/B ü' }],
    [
      'an event of another vocabulary',
      'https://schemas.openid.net/secevent/risc/event-type/x',
      'https://schemas.openid.net/secevent/risc/event-type/x',
      { a: 1 },
    ],
    [
      'a name that is wrongly encoded',
      'https://blue.cc/webhooks/events/%FF',
      'https://blue.cc/webhooks/events/%FF',
      {},
    ],
    ['no name', 'https://blue.cc/webhooks/events/', 'https://blue.cc/webhooks/events/', {}],
    ['a name that every object has', '__proto__', '__proto__', {}],
  ])('is UNKNOWN for %s', async (_what, eventUri, name, payload) => {
    const events = JSON.parse(`{${JSON.stringify(eventUri)}:${JSON.stringify(payload)}}`);
    const { event } = await check(made({ events }));
    expect(event).toEqual({ event: 'UNKNOWN', name, payload, reason: 'UNKNOWN_NAME' });
  });
});

describe('hostile tokens', () => {
  const { forge, keys: set } = createForge(claims());

  test('the table would prove nothing if what they are made from did not pass', async () => {
    const { claims, kid, trusted } = forge;
    const token = jws({ alg: 'EdDSA', kid, typ: 'secevent+jwt' }, claims, trusted.privateKey);
    expect((await check(token, { keys: set })).event?.event).toBe('TODO_CREATED');
  });

  test.each(hostileTokens.map(([title, code, make]) => [title, code, make] as const))(
    '%s: %s',
    async (_title, code, make) => {
      const token = make(forge) as string;
      const error = await check(token, { keys: set }).catch((thrown: unknown) => thrown);
      expect(error).toEqual(failsWith(code));
      expect(EventTokenError.is(error)).toBe(true);
    },
  );

  test('none of them passes a recipient that has one key instead of a set', async () => {
    for (const [title, , make] of hostileTokens) {
      const checked = check(make(forge) as string, { keys: publicJwk(forge.trusted) });
      // With one key there is nothing to choose: the kid says nothing.
      if (title === 'a kid that is not a string' || title === 'the kid of a key of another kind') await checked;
      else await expect(checked, title).rejects.toSatisfy(EventTokenError.is);
    }
  });

  test('cost no memory: what is refused is not kept', async () => {
    const key = 'a stranger';
    const refuse = async () => {
      for (let at = 0; at < 200; at += 1) {
        const token = jws(header('EdDSA'), { ...claims(), more: 'x'.repeat(100_000), at }, key);
        await check(`${token}${at}`).catch(() => {});
        await check(`${'A'.repeat(2_000_000)}${at}`).catch(() => {});
      }
    };
    await refuse();
    const before = heapAfterCollection();
    await refuse();
    expect(heapAfterCollection() - before).toBeLessThan(5_000_000);
  });
});

describe('the options', () => {
  test('narrow the algorithms', async () => {
    await expect(check(made(), { algorithms: ['ES256'] })).rejects.toEqual(failsWith('TOKEN_ALGORITHM'));
    await check(jws(header('ES256'), claims(), pairs.ES256.privateKey), { algorithms: ['ES256'] });
  });

  test('say how old a token may be, to the tolerance of clocks', async () => {
    const options = { maxAgeMs: 10_000, clockToleranceMs: 0 };
    await check(made({ iat: seconds() - 5 }), options);
    await expect(check(made({ iat: seconds() - 20 }), options)).rejects.toEqual(failsWith('TOKEN_EXPIRED'));
    await expect(check(made({ iat: seconds() + 5 }), options)).rejects.toEqual(failsWith('TOKEN_FROM_FUTURE'));
    await check(made({ iat: seconds() - 20 }), { ...options, clockToleranceMs: 30_000 });
  });

  test('accept a token for a day by default, as long as a ledger recognises it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const token = made();
      vi.setSystemTime(Date.now() + 86_400_000);
      await check(token);
      vi.setSystemTime(Date.now() + 120_000);
      await expect(check(token)).rejects.toEqual(failsWith('TOKEN_EXPIRED'));
    } finally {
      vi.useRealTimers();
    }
  });

  test('limit the size to the byte', async () => {
    const token = made();
    await check(token, { maxTokenBytes: token.length });
    await expect(check(token, { maxTokenBytes: token.length - 1 })).rejects.toEqual(failsWith('TOKEN_TOO_LARGE'));
  });

  test('may contain several audiences of the recipient', async () => {
    await check(made(), { audience: ['https://another-of-ours.example', audience] });
  });

  const pem = (pair: Pair) => pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const cryptoKey = async () =>
    (await crypto.subtle.importKey('jwk', pairs.EdDSA.publicKey.export({ format: 'jwk' }), { name: 'Ed25519' }, true, [
      'verify',
    ])) as KeySource;
  test.each<[string, () => KeySource | Promise<KeySource>]>([
    ['a set', () => keys],
    ['a JSON Web Key', () => publicJwk(pairs.EdDSA)],
    ['PEM text', () => pem(pairs.EdDSA)],
    ['a CryptoKey', cryptoKey],
  ])('take as keys %s, again and again', async (_what, make) => {
    const own = await make();
    await check(made(), { keys: own });
    await check(made(), { keys: own });
    const stranger = jws(header('EdDSA'), claims(), ed25519().privateKey);
    await expect(check(stranger, { keys: own })).rejects.toEqual(failsWith('TOKEN_SIGNATURE'));
  });

  test.each<[string, () => KeySource | Promise<KeySource>]>([
    ['a JSON Web Key', () => publicJwk(pairs.EdDSA)],
    ['PEM text', () => pem(pairs.EdDSA)],
    ['a CryptoKey', cryptoKey],
  ])('refuse another algorithm than %s is for', async (_what, make) => {
    const token = jws({ ...header('ES256') }, claims(), pairs.ES256.privateKey);
    await expect(check(token, { keys: await make() })).rejects.toEqual(failsWith('TOKEN_KEY'));
  });

  test('refuse a key that is too short', async () => {
    const short = rsa(1024);
    const token = jws(header('RS256'), claims(), short.privateKey);
    await expect(check(token, { keys: publicJwk(short) })).rejects.toEqual(failsWith('TOKEN_KEY'));
  });

  test('need a kid where several keys could be meant', async () => {
    const two = { keys: [publicJwk(pairs.EdDSA), publicJwk(pairs.Ed25519)] };
    const token = jws({ alg: 'EdDSA', typ: 'secevent+jwt' }, claims(), pairs.EdDSA.privateKey);
    await expect(check(token, { keys: two })).rejects.toEqual(failsWith('TOKEN_KEY'));
  });

  const generated = crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
  test.each<[string, object | (() => Promise<object>), string]>([
    ['no issuer', { issuer: undefined }, 'issuer must be'],
    ['an empty issuer', { issuer: '' }, 'issuer must be'],
    ['no audience', { audience: undefined }, 'audience must be'],
    ['an empty list of audiences', { audience: [] }, 'audience must be'],
    ['none among the algorithms', { algorithms: ['none'] }, 'algorithms must be'],
    ['a symmetric algorithm', { algorithms: ['EdDSA', 'HS256'] }, 'algorithms must be'],
    ['no algorithm', { algorithms: [] }, 'algorithms must be'],
    ['no keys', { keys: undefined }, 'keys must be'],
    ['a string that is not a URL', { keys: 'a shared secret' }, 'absolute URL'],
    ['a key set without TLS', { keys: 'http://gateway.example/.well-known/jwks.json' }, 'https'],
    ['a key set without TLS as a URL', { keys: new URL('http://10.0.0.1/jwks.json') }, 'allowHttp'],
    ['a key set in a file', { keys: 'file:///etc/jwks.json' }, 'https'],
    ['a symmetric key', { keys: { kty: 'oct', k: 'c2VjcmV0' } }, 'symmetric'],
    ['a symmetric key in a set', { keys: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, 'symmetric'],
    ['a symmetric CryptoKey', async () => ({ keys: await generated }), 'public CryptoKey'],
    ['a private key', { keys: pairs.EdDSA.privateKey.export({ format: 'jwk' }) }, 'private key'],
    ['a private key in a set', { keys: { keys: [pairs.EdDSA.privateKey.export({ format: 'jwk' })] } }, 'private key'],
    ['a private PEM', { keys: pairs.EdDSA.privateKey.export({ type: 'pkcs8', format: 'pem' }) }, 'BEGIN PUBLIC KEY'],
    ['an object that is not a key', { keys: {} }, 'JSON Web Key'],
    ['an invalid set', { keys: { keys: 'all' } }, 'keys must be a set'],
    ['a set with nothing in it', { keys: { keys: [null] } }, 'keys must be a set'],
    ['an age of nothing', { maxAgeMs: 0 }, 'maxAgeMs'],
    ['an age that is not a number', { maxAgeMs: Number.NaN }, 'maxAgeMs'],
    ['a negative tolerance', { clockToleranceMs: -1 }, 'clockToleranceMs'],
    ['a size of nothing', { maxTokenBytes: 0 }, 'maxTokenBytes'],
  ])('with %s reject with a TypeError that contains the fix', async (_what, wrong, cure) => {
    const error = await check(made(), typeof wrong === 'function' ? await wrong() : wrong).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(cure);
  });
});

test.each([
  ['whose claims are refused', () => made({ iss: 'https://evil.example', telltale: 'telltale' })],
  ['that is too old', () => made({ iat: 0, telltale: 'telltale' })],
  ['that is not JSON', () => jws(header('EdDSA'), 'telltale', pairs.EdDSA.privateKey)],
  ['whose header is not JSON', () => `${Buffer.from('telltale').toString('base64url')}.AAAA.AAAA`],
  ['of a stranger', () => jws(header('EdDSA'), { telltale: 'telltale' }, ed25519().privateKey)],
  ['whose event is refused', () => made({ events: { [uri]: { event: 'telltale' } } })],
])('the error about a token %s contains no part of it, at any depth', async (_what, make) => {
  const error = await check(make()).catch((thrown) => thrown);
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/evil|telltale|node_modules/);
});

test('a hostile object is not an EventTokenError', () => {
  const hostile = {
    get: () => {
      throw new Error('no');
    },
  };
  expect(EventTokenError.is(new Proxy({}, hostile))).toBe(false);
});

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
