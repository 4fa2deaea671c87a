import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEventTokenIssuer, type EventTokenIssuer, type Jwk, serveKeys, verifyEventToken } from '../src/index';
import { ed25519, jws, type Pair, p256 } from './by-hand';
import { verifiedDelivery } from './deliveries';
import { serve } from './serve';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const jwk = ({ privateKey }: Pair) => privateKey.export({ format: 'jwk' }) as Jwk;
const failsWith = (code: string) => expect.objectContaining({ name: 'EventTokenError', code });
const check = (token: string, keys: string) => verifyEventToken(token, { issuer, audience, keys });
const unknown = (kid: string) =>
  jws({ alg: 'EdDSA', kid, typ: 'secevent+jwt' }, { iss: issuer, aud: audience }, ed25519().privateKey);

const made = (current: [Pair, string], ...others: [Pair, string][]) =>
  createEventTokenIssuer({
    issuer,
    audience,
    key: jwk(current[0]),
    kid: current[1],
    alsoPublish: others.map(([pair, kid]) => ({ key: jwk(pair), kid })),
  });

/** A gateway's key endpoint that counts what is asked of it, and whose answer can be exchanged. */
async function keyEndpoint(first: EventTokenIssuer | ((response: ServerResponse) => void)) {
  const state = { answer: first, requests: 0 };
  const { url, stop } = await serve((request, response) => {
    state.requests += 1;
    if (typeof state.answer === 'function') state.answer(response);
    else void serveKeys(state.answer).node(request, response);
  });
  return { state, stop, url: `${url}/.well-known/jwks.json` };
}

const minutes = (count: number) => vi.advanceTimersByTime(count * 60_000);

// The clocks alone are moved; timers and sockets are real.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('a change of keys', () => {
  test('rejects no event when the new key is published before it signs, and the old one for a while after', async () => {
    const [old, next] = [ed25519(), p256()];
    const stages = [
      made([old, 'old']),
      made([old, 'old'], [next, 'next']),
      made([next, 'next'], [old, 'old']),
      made([next, 'next']),
    ];
    const { state, url } = await keyEndpoint(stages[0] as EventTokenIssuer);
    const inFlight: string[] = [];
    for (const stage of stages) {
      state.answer = stage;
      for (let minute = 0; minute < 15; minute += 5) {
        const token = await stage.issue(await verifiedDelivery());
        await check(token, url);
        for (const late of inFlight) await check(late, url); // a queue may be ten minutes behind
        inFlight.push(token);
        if (inFlight.length > 2) inFlight.shift();
        minutes(5);
      }
    }
    expect(state.requests).toBeLessThan(8);
  });

  test('in a hurry is noticed by the unknown kid, once the cooldown of half a minute is over', async () => {
    const [old, next] = [made([ed25519(), 'old']), made([ed25519(), 'next'])];
    const { state, url } = await keyEndpoint(old);
    await check(await old.issue(await verifiedDelivery()), url);
    state.answer = next;
    const token = await next.issue(await verifiedDelivery());
    await expect(check(token, url)).rejects.toEqual(failsWith('TOKEN_KEY'));
    minutes(0.6);
    await check(token, url);
    expect(state.requests).toBe(2);
  });
});

describe('a key endpoint that is gone', () => {
  test('leaves known keys working for ten minutes, and then is said to be unavailable', async () => {
    const tokens = made([ed25519(), 'now']);
    const { stop, url } = await keyEndpoint(tokens);
    await check(await tokens.issue(await verifiedDelivery()), url);
    await stop();
    minutes(9);
    await check(await tokens.issue(await verifiedDelivery()), url);
    minutes(2);
    const error = await check(await tokens.issue(await verifiedDelivery()), url).catch((thrown) => thrown);
    expect(error).toEqual(failsWith('KEYS_UNAVAILABLE'));
    expect(error.status).toBe(503);
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('cannot distinguish a stranger’s token from one under a new key, so it can be retried', async () => {
    const tokens = made([ed25519(), 'now']);
    const { stop, url } = await keyEndpoint(tokens);
    await check(await tokens.issue(await verifiedDelivery()), url);
    await stop();
    minutes(1);
    await expect(check(unknown('new'), url)).rejects.toEqual(failsWith('KEYS_UNAVAILABLE'));
    await check(await tokens.issue(await verifiedDelivery()), url);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['an error', (response) => response.writeHead(500).end('{"keys":[]}')],
    ['a redirect', (response) => response.writeHead(302, { location: 'https://evil.example/jwks.json' }).end()],
    ['a page', (response) => response.end('<html>')],
    ['no set', (response) => response.end('{"keys":"all"}')],
    ['a hang-up', (response) => response.destroy()],
  ])('may also respond with %s, and is not requested again immediately', async (_what, answer) => {
    const tokens = made([ed25519(), 'now']);
    const { state, url } = await keyEndpoint(answer);
    const token = await tokens.issue(await verifiedDelivery());
    await expect(check(token, url)).rejects.toEqual(failsWith('KEYS_UNAVAILABLE'));
    await expect(check(token, url)).rejects.toEqual(failsWith('KEYS_UNAVAILABLE'));
    expect(state.requests).toBe(1);
  });

  test('works again as soon as it is back and five seconds have passed', async () => {
    const tokens = made([ed25519(), 'now']);
    const { state, url } = await keyEndpoint((response) => response.writeHead(500).end());
    const token = await tokens.issue(await verifiedDelivery());
    await expect(check(token, url)).rejects.toEqual(failsWith('KEYS_UNAVAILABLE'));
    state.answer = tokens;
    await expect(check(token, url)).rejects.toEqual(failsWith('KEYS_UNAVAILABLE'));
    expect(state.requests).toBe(1);
    vi.advanceTimersByTime(5_001);
    await check(token, url);
    expect(state.requests).toBe(2);
  });
});

describe('a flood of tokens', () => {
  test('with unknown kids makes one request in half a minute', async () => {
    const tokens = made([ed25519(), 'now']);
    const { state, url } = await keyEndpoint(tokens);
    await check(await tokens.issue(await verifiedDelivery()), url);
    minutes(1);
    for (let at = 0; at < 200; at += 1) {
      await expect(check(unknown(`made up ${at}`), url)).rejects.toEqual(failsWith('TOKEN_KEY'));
    }
    expect(state.requests).toBe(2);
    await Promise.all(Array.from({ length: 200 }, (_, at) => check(unknown(`concurrent ${at}`), url).catch(() => {})));
    expect(state.requests).toBe(2);
  });

  test('makes one request for the first set, however many tokens arrive concurrently', async () => {
    const tokens = made([ed25519(), 'now']);
    const { state, url } = await keyEndpoint(tokens);
    const token = await tokens.issue(await verifiedDelivery());
    await Promise.all(Array.from({ length: 100 }, () => check(token, url)));
    expect(state.requests).toBe(1);
  });

  test('causes no request to a failing endpoint', async () => {
    const { state, url } = await keyEndpoint((response) => response.writeHead(500).end());
    for (let at = 0; at < 200; at += 1) {
      await expect(check(unknown(`made up ${at}`), url)).rejects.toEqual(failsWith('KEYS_UNAVAILABLE'));
    }
    expect(state.requests).toBe(1);
  });

  test('of other kinds of tokens makes no request at all', async () => {
    const { state, url } = await keyEndpoint(made([ed25519(), 'now']));
    for (const header of [
      { alg: 'EdDSA', typ: 'JWT' },
      { alg: 'HS256', typ: 'secevent+jwt' },
    ]) {
      await expect(check(jws(header, {}, 'a key'), url)).rejects.toEqual(
        failsWith(header.typ === 'JWT' ? 'TOKEN_TYPE' : 'TOKEN_ALGORITHM'),
      );
    }
    expect(state.requests).toBe(0);
  });

  test('does not make other gateways’ key sets be forgotten and fetched for each token', async () => {
    const tokens = made([ed25519(), 'now']);
    const { state, url } = await keyEndpoint(tokens);
    const token = await tokens.issue(await verifiedDelivery());
    for (let at = 0; at < 3; at += 1) await check(token, `${url}?tenant=1`);
    await check(token, `${url}?tenant=2`);
    expect(state.requests).toBe(2);
  });
});
