import { createHash, generateKeyPairSync } from 'node:crypto';
import { samples } from '@blue-webhooks/testing';
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import {
  createEventTokenIssuer,
  type EventTokenIssuerOptions,
  eventTypeUri,
  type Jwk,
  verifyEventToken,
} from '../src/index';
import { decode, ed25519, type Pair, p256, readJws, rsa } from './by-hand';
import { unsignedDelivery, verifiedDelivery } from './deliveries';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const pem = ({ privateKey }: Pair) => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const jwk = ({ privateKey }: Pair) => privateKey.export({ format: 'jwk' }) as Jwk;

const pairs = { EdDSA: ed25519(), ES256: p256(), RS256: rsa() };
const kinds = Object.entries(pairs);

describe.each(kinds)('with a key for %s', (alg, pair) => {
  const tokens = createEventTokenIssuer({ issuer, audience, key: pem(pair) });

  test('the token verifies with jose used by hand', async () => {
    const delivery = await verifiedDelivery();
    const keys = createLocalJWKSet(await tokens.jwks());
    const { payload, protectedHeader } = await jwtVerify(await tokens.issue(delivery), keys, {
      issuer,
      audience,
      typ: 'secevent+jwt',
      maxTokenAge: '1 min',
      algorithms: [alg],
    });
    expect(protectedHeader.typ).toBe('secevent+jwt');
    expect(payload.jti).toBe(delivery.id);
  });

  test('the token verifies with nothing but node:crypto', async () => {
    const { header, payload } = readJws(await tokens.issue(await verifiedDelivery()), pair.publicKey);
    expect(header).toEqual({ alg, kid: (await tokens.jwks()).keys[0]?.kid, typ: 'secevent+jwt' });
    expect(payload.iss).toBe(issuer);
  });

  test.each([
    ['PEM text', () => pem(pair)],
    ['PEM text with space around', () => `\n${pem(pair)}\n`],
    ['a JSON Web Key', () => jwk(pair)],
    ['an extractable CryptoKey', async () => (await cryptoKeys(pair, true)).privateKey],
    ['a pair of CryptoKeys that cannot be exported', () => cryptoKeys(pair, false)],
  ])('%s signs, and only its public half is published', async (_name, make) => {
    const own = createEventTokenIssuer({ issuer, audience, key: await make() });
    readJws(await own.issue(await verifiedDelivery()), pair.publicKey);
    const { keys } = await own.jwks();
    const kid = await calculateJwkThumbprint(pair.publicKey);
    expect(keys).toEqual([{ ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' }]);
  });

  async function cryptoKeys({ privateKey, publicKey }: Pair, extractable: boolean) {
    const algorithm = {
      EdDSA: { name: 'Ed25519' },
      ES256: { name: 'ECDSA', namedCurve: 'P-256' },
      RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    }[alg as 'EdDSA'];
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    return {
      privateKey: await crypto.subtle.importKey('pkcs8', der, algorithm, extractable, ['sign']),
      publicKey: await crypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    };
  }
});

test.each(['ES256', 'RS256'] as const)('an %s token verifies with the jsonwebtoken package', async (algorithm) => {
  const pair = pairs[algorithm];
  const token = await createEventTokenIssuer({ issuer, audience, key: pem(pair) }).issue(await verifiedDelivery());
  const claims = jsonwebtoken.verify(token, pair.publicKey, { issuer, audience, algorithms: [algorithm], maxAge: 60 });
  expect(claims).toMatchObject({ iss: issuer, aud: audience });
});

test('a JSON Web Key that goes by the newer name of EdDSA signs under that', async () => {
  const tokens = createEventTokenIssuer({ issuer, audience, key: { ...jwk(pairs.EdDSA), alg: 'Ed25519' } });
  const { header } = readJws(await tokens.issue(await verifiedDelivery()), pairs.EdDSA.publicKey);
  expect([header.alg, (await tokens.jwks()).keys[0]?.alg]).toEqual(['Ed25519', 'Ed25519']);
});

describe('what a token says', () => {
  const tokens = createEventTokenIssuer({ issuer, audience, key: pem(pairs.ES256), kid: 'now' });
  const claimsOf = async (token: Promise<string>) => decode((await token).split('.')[1]);

  test('is who vouches, for whom, when, what happened to what and when, and the whole event', async () => {
    const delivery = await verifiedDelivery('TODO_MOVED');
    const before = Math.floor(Date.now() / 1000);
    const claims = await claimsOf(tokens.issue(delivery));
    const body = JSON.parse(delivery.rawBody);
    delete body.webhook.secret;
    expect(claims).toEqual({
      iss: issuer,
      aud: audience,
      iat: expect.any(Number),
      jti: delivery.id,
      sub_id: { format: 'opaque', id: body.currentValue.id },
      toe: Math.floor(Date.parse(body.currentValue.updatedAt) / 1000),
      events: { 'https://blue.cc/webhooks/events/TODO_MOVED': body },
    });
    expect(claims.iat).toBeGreaterThanOrEqual(before);
    expect(claims.iat).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test('never has the webhook secret in it, nor an expiry', async () => {
    const body = {
      event: 'TAG_CREATED',
      webhook: { id: 'w', secret: 'leaked' },
      currentValue: { id: '1', title: 'T' },
    };
    const claims = await claimsOf(tokens.issue(await verifiedDelivery(body)));
    expect(claims.events[eventTypeUri('TAG_CREATED')]).toEqual({ ...body, webhook: { id: 'w' } });
    expect(claims).not.toHaveProperty('exp');
    expect(JSON.stringify(claims)).not.toContain('leaked');
  });

  test('keeps what the typed event has lost to drift', async () => {
    const body = { event: 'TODO_CREATED', webhook: null, currentValue: { id: '1', title: 'T', done: 'maybe' } };
    const delivery = await verifiedDelivery(body);
    expect(delivery.drift).toHaveLength(1);
    expect((await claimsOf(tokens.issue(delivery))).events[eventTypeUri('TODO_CREATED')]).toEqual(body);
  });

  const row = (more: object) => ({ id: '1', title: 'T', name: 'N', ...more });
  test.each([
    [
      'the time of change',
      { event: 'TODO_MOVED', currentValue: row({ updatedAt: '2026-01-02T03:04:05.678Z' }) },
      '1',
      1767323045,
    ],
    ['no time if the entity has none', { event: 'TODO_MOVED', currentValue: row({}) }, '1', undefined],
    [
      'no time if it is invalid',
      { event: 'TODO_MOVED', currentValue: row({ updatedAt: 'yesterday' }) },
      '1',
      undefined,
    ],
    [
      'not the last change of what was deleted',
      { event: 'TODO_DELETED', previousValue: row({ updatedAt: '2026-01-02' }) },
      '1',
      undefined,
    ],
    [
      'when a comment was deleted',
      { event: 'COMMENT_DELETED', previousValue: row({ deletedAt: '2026-01-02T03:04:05Z' }) },
      '1',
      1767323045,
    ],
    ['the time of the older form', JSON.parse(samples.CUSTOM_FIELD_DELETED_OLDER.body), undefined, 1705314600],
    ['the record of the older form', JSON.parse(samples.RECORD_CREATED.body), undefined, undefined],
    ['an entity of an unknown event', { event: 'TODO_ARCHIVED', currentValue: row({ id: 'x' }) }, 'x', undefined],
    ['no entity in a health check', { event: 'WEBHOOK_HEALTH_CHECK' }, 'none', undefined],
  ])('%s', async (_name, body, entityId, toe) => {
    const claims = await claimsOf(tokens.issue(await verifiedDelivery(body)));
    const id = entityId ?? (body.previousValue ?? body.record).id;
    expect(claims.sub_id).toEqual(entityId === 'none' ? undefined : { format: 'opaque', id });
    expect(claims.toe).toBe(toe);
  });

  test('is equal for every retry but for its time', async () => {
    const [first, second] = await Promise.all([1, 2].map(async () => claimsOf(tokens.issue(await verifiedDelivery()))));
    expect({ ...first, iat: 0 }).toEqual({ ...second, iat: 0 });
  });
});

describe('an event that is too large', () => {
  const key = pem(pairs.EdDSA);
  const eventIn = async (token: string) => Object.values(decode(token.split('.')[1]).events)[0];

  test.each([
    ['by size', { maxPayloadBytes: 1_000 }],
    ['because references are wanted always', { maxPayloadBytes: 0 }],
  ])('travels as a reference %s', async (_why, more) => {
    const delivery = await verifiedDelivery('TODO_CREATED');
    const token = await createEventTokenIssuer({ issuer, audience, key, ...more }).issue(delivery);
    expect(await eventIn(token)).toEqual({
      id: delivery.id,
      event: 'TODO_CREATED',
      entityId: JSON.parse(delivery.rawBody).currentValue.id,
      bodySha256: createHash('sha256').update(delivery.rawBody).digest('hex'),
    });
  });

  test('travels as a reference when it is nested too deeply to be written', async () => {
    const depth = 200_000;
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    const body = `{"event":"TODO_CREATED","currentValue":{"id":"1","title":"T","deep":${nested}}}`;
    const delivery = await verifiedDelivery(new TextEncoder().encode(body));
    const token = await createEventTokenIssuer({ issuer, audience, key, maxPayloadBytes: 10 ** 7 }).issue(delivery);
    expect(await eventIn(token)).toMatchObject({ id: delivery.id, entityId: '1' });
  });

  test.each([
    ['whole', 'currentValue', 990],
    ['as a reference', 'bodySha256', 1_001],
  ])('travels %s (%s) when it holds %i levels, and is accepted', async (_how, member, depth) => {
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    const body = `{"event":"TODO_CREATED","currentValue":{"id":"1","title":"T","deep":${nested}}}`;
    const tokens = createEventTokenIssuer({ issuer, audience, key });
    const token = await tokens.issue(await verifiedDelivery(new TextEncoder().encode(body)));
    expect(await eventIn(token)).toHaveProperty(member);
    await verifyEventToken(token, { issuer, audience, keys: await tokens.jwks() });
  });

  test('is measured as it would travel, to the byte', async () => {
    const delivery = await verifiedDelivery();
    const [, payload = ''] = (await createEventTokenIssuer({ issuer, audience, key }).issue(delivery)).split('.');
    const size = Buffer.from(payload, 'base64url').length;
    const sized = (maxPayloadBytes: number) => createEventTokenIssuer({ issuer, audience, key, maxPayloadBytes });
    expect(await eventIn(await sized(size).issue(delivery))).toHaveProperty('currentValue');
    expect(await eventIn(await sized(size - 1).issue(delivery))).toHaveProperty('bodySha256');
  });
});

describe('an unsigned delivery', () => {
  test('is refused, even with a type assertion', async () => {
    const tokens = createEventTokenIssuer({ issuer, audience, key: pem(pairs.EdDSA) });
    const issue = tokens.issue as (delivery: unknown) => Promise<string>;
    const refused = expect.objectContaining({ name: 'EventTokenError', code: 'DELIVERY_UNSIGNED' });
    await expect(issue(await unsignedDelivery())).rejects.toEqual(refused);
    await expect(issue({ ...(await verifiedDelivery()), signature: undefined })).rejects.toEqual(refused);
  });

  test('is issued where that was said', async () => {
    const tokens = createEventTokenIssuer({ issuer, audience, key: pem(pairs.EdDSA), allowUnsigned: true });
    const delivery = await unsignedDelivery();
    expect(readJws(await tokens.issue(delivery), pairs.EdDSA.publicKey).payload.jti).toBe(delivery.id);
    await tokens.issue(await verifiedDelivery());
  });
});

describe('the published keys', () => {
  test('are the signing one first, then those that are only published, public halves alone', async () => {
    const next = rsa();
    const tokens = createEventTokenIssuer({
      issuer,
      audience,
      key: jwk(pairs.EdDSA),
      kid: 'now',
      alsoPublish: [
        { key: { ...jwk(next), kid: 'next' } },
        { key: pairs.ES256.publicKey.export({ format: 'jwk' }) as Jwk, kid: 'last' },
        { key: p256().publicKey.export({ type: 'spki', format: 'pem' }).toString(), kid: 'the one before' },
      ],
    });
    const { keys } = await tokens.jwks();
    expect(keys.map(({ kid, alg, use }) => [kid, alg, use])).toEqual([
      ['now', 'EdDSA', 'sig'],
      ['next', 'RS256', 'sig'],
      ['last', 'ES256', 'sig'],
      ['the one before', 'ES256', 'sig'],
    ]);
    for (const key of keys)
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret);
    expect(decode((await tokens.issue(await verifiedDelivery())).split('.')[0]).kid).toBe('now');
  });

  test('have distinct names', async () => {
    const key = jwk(pairs.EdDSA);
    const tokens = createEventTokenIssuer({ issuer, audience, key, alsoPublish: [{ key }] });
    await expect(tokens.jwks()).rejects.toThrow('Two keys have the same kid');
  });

  test('cannot be changed by the caller', async () => {
    const tokens = createEventTokenIssuer({ issuer, audience, key: jwk(pairs.EdDSA), kid: 'now' });
    for (const key of (await tokens.jwks()).keys) key.kid = 'changed';
    expect((await tokens.jwks()).keys[0]?.kid).toBe('now');
  });
});

describe('at construction', () => {
  const good: EventTokenIssuerOptions = { issuer, audience, key: jwk(pairs.EdDSA) };
  const secretKey = crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
  const p384 = crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify']);
  const closed = crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']) as Promise<CryptoKeyPair>;

  test.each<[string, object | (() => Promise<object>), string]>([
    ['an empty issuer', { issuer: '' }, 'issuer must be'],
    ['no audience', { audience: undefined }, 'audience must be'],
    ['an empty list of audiences', { audience: [] }, 'audience must be'],
    ['an empty audience', { audience: ['a', ''] }, 'audience must be'],
    ['an empty kid', { kid: '' }, 'kid must be'],
    ['a missing key', { key: undefined }, 'is the environment variable'],
    ['a number for a key', { key: 5 }, 'key must be'],
    ['a symmetric JSON Web Key', { key: { kty: 'oct', k: 'c2VjcmV0' } }, 'symmetric'],
    ['a string that is not PEM', { key: 'a shared secret' }, 'BEGIN PRIVATE KEY'],
    ['PEM of another form', { key: pem(pairs.RS256).replaceAll('PRIVATE', 'RSA PRIVATE') }, 'openssl pkcs8'],
    ['a public PEM', { key: pairs.EdDSA.publicKey.export({ type: 'spki', format: 'pem' }) }, 'BEGIN PRIVATE KEY'],
    [
      'a public JSON Web Key',
      { key: pairs.EdDSA.publicKey.export({ format: 'jwk' }) },
      'public key, which cannot sign',
    ],
    ['a JSON Web Key for another algorithm', { key: { ...jwk(pairs.ES256), alg: 'ES384' } }, 'key must be'],
    ['a JSON Web Key for HMAC', { key: { ...jwk(pairs.RS256), alg: 'HS256' } }, 'key must be'],
    ['a JSON Web Key on another curve', { key: { ...jwk(pairs.ES256), crv: 'secp256k1' } }, 'key must be'],
    ['an object that is not a key', { key: {} }, 'key must be'],
    ['a secret CryptoKey', async () => ({ key: await secretKey }), 'asymmetric'],
    ['a pair on another curve', async () => ({ key: await p384 }), 'pair of a private and a public key'],
    ['a private CryptoKey that cannot be exported', async () => ({ key: (await closed).privateKey }), 'pass the pair'],
    ['a public CryptoKey', async () => ({ key: (await closed).publicKey }), 'cannot sign'],
    [
      'a symmetric key to publish',
      { alsoPublish: [{ key: { kty: 'oct', k: 'c2VjcmV0' } }] },
      'alsoPublish[0].key is symmetric',
    ],
    ['a missing key to publish', { alsoPublish: [{ key: undefined }] }, 'alsoPublish[0].key is undefined'],
    ['a negative size', { maxPayloadBytes: -1 }, 'maxPayloadBytes'],
    ['a size that is not a number', { maxPayloadBytes: Number.NaN }, 'maxPayloadBytes'],
  ])('%s throws a TypeError that names the cure', async (_what, wrong, cure) => {
    const options = { ...good, ...(typeof wrong === 'function' ? await wrong() : wrong) };
    expect(() => createEventTokenIssuer(options)).toThrow(expect.objectContaining({ name: 'TypeError' }));
    expect(() => createEventTokenIssuer(options)).toThrow(cure);
  });

  const mixed = async () => ({
    privateKey: (await closed).privateKey,
    publicKey: ((await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify'])) as CryptoKeyPair)
      .publicKey,
  });
  test.each<[string, () => unknown]>([
    ['halves that do not belong together', mixed],
    [
      'a JSON Web Key with another key’s public half',
      () => ({ ...jwk(pairs.ES256), ...p256().publicKey.export({ format: 'jwk' }) }),
    ],
    ['RSA of 1024 bits', () => pem(rsa(1024))],
    ['PEM without a key in it', () => '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
    ['PEM of another kind of key', () => pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }))],
  ])('%s is reported by jwks()', async (_what, make) => {
    const tokens = createEventTokenIssuer({ ...good, key: (await make()) as Jwk });
    const failed = expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('key cannot sign') });
    await expect(tokens.jwks()).rejects.toEqual(failed);
    await expect(tokens.issue(await verifiedDelivery())).rejects.toEqual(failed);
  });

  test('a key to publish that is broken shows there too', async () => {
    const key = { ...(pairs.ES256.publicKey.export({ format: 'jwk' }) as Jwk), x: 'AAAA' };
    const tokens = createEventTokenIssuer({ ...good, alsoPublish: [{ key }] });
    await expect(tokens.jwks()).rejects.toThrow('One of alsoPublish cannot be read');
  });
});
