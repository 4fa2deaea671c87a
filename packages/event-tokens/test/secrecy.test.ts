import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { inspect } from 'node:util';
import { createReceiver, type Ledger, memoryLedger } from '@blue-webhooks/core';
import { signedRequest } from '@blue-webhooks/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createEventTokenIssuer, type Jwk, pushEventTokens, receiveEventTokens, verifyEventToken } from '../src/index';
import { ed25519, jws, p256, rsa } from './by-hand';
import { verifiedDelivery } from './deliveries';
import { serve } from './serve';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const pair = ed25519();
const jwk = pair.privateKey.export({ format: 'jwk' }) as Jwk;
const pem = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const publicJwk = pair.publicKey.export({ format: 'jwk' }) as Jwk;
const tokens = createEventTokenIssuer({ issuer, audience, key: jwk, kid: 'now' });

/** Marks everything that must not reach an error: what an event says, passwords, and answers of other servers. */
const SECRET = 'Merger-with-Acme';
const body = { event: 'TAG_CREATED', currentValue: { id: '1', title: SECRET } };

const delivery = () => verifiedDelivery(body);
const verify = (token: string, more: object = {}) =>
  verifyEventToken(token, { issuer, audience, keys: publicJwk, ...more });
const claims = (more: object = {}) => ({
  iss: issuer,
  aud: audience,
  iat: Math.floor(Date.now() / 1000),
  jti: SECRET,
  ...more,
});
const made = (more: object = {}, header: object = {}) =>
  jws({ alg: 'EdDSA', typ: 'secevent+jwt', ...header }, claims(more), pair.privateKey);

async function push(to: string | URL, more: object = {}) {
  const handedOn = await delivery();
  await pushEventTokens({ to, issuer: tokens, authorization: `Bearer ${SECRET}`, ...more })(handedOn.event, handedOn);
}

/** A recipient that answers 400 and quotes what it was sent. */
async function quoting(err: string): Promise<string> {
  const { url } = await serve(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const payload = Buffer.from(text.split('.')[1] ?? '', 'base64url').toString();
    response.writeHead(400, { 'content-type': 'application/json', 'x-echo': SECRET });
    response.end(JSON.stringify({ err, description: `${text} ${payload} ${request.headers.authorization}` }));
  });
  return url;
}

const answering = async (answer: (response: ServerResponse) => void) =>
  (await serve((request, response) => request.resume().on('end', () => answer(response)))).url;

/** A server that speaks no HTTP. */
async function babbling(): Promise<string> {
  const server = createTcpServer((socket) =>
    socket.on('error', () => {}).end(`${SECRET} is not HTTP\r\n\r\n`, () => socket.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** The failure of a receiver, as its hook gets it. */
async function reported(token: string, more: object = {}, handler: () => unknown = () => {}): Promise<unknown> {
  const failures: unknown[] = [];
  const options = { issuer, audience, keys: publicJwk, onFailure: (error: unknown) => failures.push(error), ...more };
  const request = new Request('https://billing.example/', {
    method: 'POST',
    headers: { 'content-type': 'application/secevent+jwt' },
    body: token,
  });
  const response = await receiveEventTokens(options, handler).fetch(request);
  return { failures, response: await response.text() };
}

/** A driver's error as drivers make them: with the failed command and the connection in it. */
const driverError = () =>
  Object.assign(new Error(`READONLY ${SECRET}`.replace(SECRET, `'${SECRET}'`)), {
    command: { args: [SECRET] },
    url: `redis://user:${SECRET}@redis`,
    cause: Object.assign(new Error(`connect to redis://user:${SECRET}@redis failed`), { password: SECRET }),
  });
const failing = (method: keyof Ledger): Ledger => ({
  ...memoryLedger(),
  [method]: () => Promise.reject(driverError()),
});

const broken: Record<string, () => Promise<unknown>> = {
  // Tokens.
  'a token whose header is not JSON': () => verify(`${Buffer.from(SECRET).toString('base64url')}.AAAA.AAAA`),
  'a token whose payload is not JSON': () =>
    verify(jws({ alg: 'EdDSA', typ: 'secevent+jwt' }, SECRET, pair.privateKey)),
  'a token in the wrong spelling': () => verify(`${made()}=`),
  'a token of a stranger': () => verify(jws({ alg: 'EdDSA', typ: 'secevent+jwt' }, claims(), ed25519().privateKey)),
  'a token of another type': () => verify(made({}, { typ: SECRET })),
  'a token with another algorithm': () => verify(made({}, { alg: SECRET })),
  'a token with an unknown critical extension': () => verify(made({}, { crit: [SECRET], [SECRET]: 1 })),
  'a token under an unknown kid': () =>
    verify(made({}, { kid: SECRET }), { keys: { keys: [{ ...publicJwk, kid: 'k' }] } }),
  'a token that several keys could have signed': () => verify(made(), { keys: { keys: [publicJwk, publicJwk] } }),
  'a token for a key of another kind': () =>
    verify(made(), { keys: p256().publicKey.export({ format: 'jwk' }) as Jwk }),
  'a token for a key that is too short': () =>
    verify(made({}, { alg: 'RS256' }), { keys: rsa(1024).publicKey.export({ format: 'jwk' }) as Jwk }),
  'a token from another issuer': () => verify(made({ iss: SECRET })),
  'a token for another audience': () => verify(made({ aud: SECRET })),
  'a token that is too old': () => verify(made({ iat: 0 })),
  'a token from the future': () => verify(made({ iat: 1e11 })),
  'a token with a time that is a string': () => verify(made({ iat: SECRET })),
  'a token without an event': () => verify(made({ events: { [SECRET]: SECRET } })),
  'a token that is too large': () => verify(made(), { maxTokenBytes: 10 }),

  // Key sets.
  'a key set that is not there': () => verify(made(), { keys: `http://127.0.0.1:1/${SECRET}?token=${SECRET}` }),
  'a key set of a host that does not exist': () => verify(made(), { keys: `https://nowhere.invalid/${SECRET}` }),
  'a key set answered with an error': async () =>
    verify(made(), { keys: await answering((response) => response.writeHead(500, SECRET).end(SECRET)) }),
  'a key set that is a page': async () =>
    verify(made(), { keys: await answering((response) => response.end(`${SECRET} <html> "${SECRET}"`)) }),
  'a key set that is JSON of another shape': async () =>
    verify(made(), { keys: await answering((response) => response.end(JSON.stringify({ keys: SECRET }))) }),
  'a key set with a broken key': async () => {
    const set = { keys: [{ ...publicJwk, x: Buffer.from(SECRET).toString('base64url') }] };
    return verify(made(), { keys: await answering((response) => response.end(JSON.stringify(set))) });
  },
  'a key set that is larger than allowed': async () =>
    verify(made(), { keys: await answering((response) => response.end(SECRET.repeat(100_000))) }),
  'a key set that is cut off': async () =>
    verify(made(), {
      keys: await answering((response) => {
        response.writeHead(200, { 'content-length': 1_000 }).write(SECRET);
        setTimeout(() => response.destroy(), 20);
      }),
    }),
  'a key set in no HTTP': async () => verify(made(), { keys: await babbling() }),
  'a key set behind a redirect': async () =>
    verify(made(), {
      keys: await answering((response) =>
        response.writeHead(302, { location: `https://${SECRET}@host.example` }).end(),
      ),
    }),
  'a key set under a URL with a password': () =>
    verify(made(), { keys: `https://user:${SECRET}@gateway.example/jwks` }),
  'a key set without TLS': () => verify(made(), { keys: `http://gateway.example/${SECRET}` }),
  'a key set with an invalid URL': () => verify(made(), { keys: `${SECRET}:// invalid` }),

  // Pushes.
  'a push to a recipient that is not there': () => push(`http://127.0.0.1:1/?token=${SECRET}`),
  'a push to a URL with a password': () => push(`https://user:${SECRET}@billing.example/`),
  'a push with an authorization that is not a header': () =>
    push('http://127.0.0.1:1/', { authorization: `${SECRET}\n` }),
  'a push to a recipient that speaks no HTTP': async () => push(await babbling()),
  'a push that is answered with a page': async () =>
    push(await answering((response) => response.writeHead(400, SECRET).end(`<html>${SECRET}`))),
  'a push that is answered 503': async () => push(await answering((response) => response.writeHead(503).end(SECRET))),
  'a push that is cut off': async () => push(await answering((response) => response.destroy())),
  ...Object.fromEntries(
    ['invalid_request', 'invalid_key', 'invalid_audience', 'access_denied', SECRET].map((err) => [
      `a push that is refused with ${err === SECRET ? 'an unknown code' : err}, quoting it`,
      async () => push(await quoting(err)),
    ]),
  ),
  'a push of an unsigned delivery': async () => {
    const unsigned = { ...(await delivery()), signature: 'unsigned' as const };
    await pushEventTokens({ to: 'http://127.0.0.1:1/', issuer: tokens })(unsigned.event, unsigned);
  },

  // Keys of issuers.
  'a key whose halves do not belong together': () =>
    jwksOf({ ...jwk, x: ed25519().publicKey.export({ format: 'jwk' }).x }),
  'a key that is cut off': () => jwksOf({ ...jwk, d: jwk.d?.slice(0, 20) }),
  'a key in broken PEM': () => jwksOf(pem.replace(/[A-Z]/, '!')),
  'a key in truncated PEM': () => jwksOf(pem.replace(/.{8}\n-----END/, '\n-----END')),
  'a key in PEM without its header': async () => jwksOf(pem.slice(5)),
  'a KeyObject': async () => jwksOf(generateKeyPairSync('ed25519').privateKey as unknown as Jwk),
  'a private key for a recipient': () => verify(made(), { keys: jwk }),
  'a private key for a recipient as PEM': () => verify(made(), { keys: pem }),

  // Receivers.
  'a receiver that refuses a token': () => reported(made({ iss: SECRET })).then(rethrow),
  'a receiver whose ledger fails at first': async () =>
    reported(await tokens.issue(await delivery()), { ledger: failing('begin') }).then(rethrow),
  'a receiver whose ledger fails in the end': async () =>
    reported(await tokens.issue(await delivery()), { ledger: failing('finish') }).then(rethrow),
  'a receiver whose ledger fails to count': async () =>
    reported(await tokens.issue(await delivery()), { ledger: failing('fail') }, () => {
      throw new Error('The database is down.');
    }).then(rethrow),
  'a webhook receiver whose push fails': async () => {
    const errors: unknown[] = [];
    const to = await quoting('invalid_key');
    const receiver = createReceiver({ secret: SECRET, onFailure: (error) => errors.push(error) });
    receiver.on('TAG_CREATED', pushEventTokens({ to, issuer: tokens }));
    await receiver.fetch(await signedRequest(body, { secret: SECRET, url: 'http://localhost/' }));
    throw errors;
  },
};

const jwksOf = async (key: Jwk | string) => createEventTokenIssuer({ issuer, audience, key }).jwks();
const rethrow = (error: unknown): never => {
  throw error;
};

/** Everything that printing, serialising or walking an error shows. */
function shown(error: unknown): string {
  const texts = [inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }), String(error)];
  const seen = new Set<unknown>();
  const walk = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const key of Reflect.ownKeys(value)) walk((value as Record<PropertyKey, unknown>)[key]);
  };
  walk(error);
  return [...texts, JSON.stringify(error)].join('\n');
}

test.each(Object.keys(broken))('%s contains no part of it, at any depth', async (what) => {
  const error = await (broken[what] as () => Promise<unknown>)().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeDefined();
  const text = shown(error).replaceAll(/at .*\(?file:.*|at .*\(?\/.*/g, ''); // frames name the files of this test
  expect(text.match(/Merger|eyJ\w+|MC4CAQ\w*/g)).toBeNull();
  for (const secret of [jwk.d, jwk.d?.slice(0, 20), SECRET]) expect(text).not.toContain(secret);
});

test('the table fails for an error that shows something', () => {
  expect(shown(new Error('a', { cause: { deep: [{ [Symbol('s')]: SECRET }] } }))).toContain(SECRET);
  expect(shown(driverError())).toContain(SECRET);
});

test('a push error keeps the recipient’s words for code that reads them', async () => {
  const url = await quoting('invalid_key');
  await expect(push(url)).rejects.toMatchObject({ description: expect.stringMatching(/^eyJ/) });
});
