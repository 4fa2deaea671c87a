import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventTypeUri } from '@blue-webhooks/event-tokens';
import { memoryStore } from '@blue-webhooks/inbox';
import { signedRequest } from '@blue-webhooks/testing';
import { getRequestListener } from '@hono/node-server';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createBilling } from '../src/billing';
import { createGateway, type GatewayOptions } from '../src/gateway';
import { createSearch } from '../src/search';

const secret = 'a secret that only the gateway has';
const newKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const record = { id: 'r1', title: 'Invoice' };
const created = { event: 'TODO_CREATED', currentValue: record };
const done = { event: 'TODO_DONE_STATUS_UPDATED', previousValue: record, currentValue: { ...record, done: true } };

// The example logs refusals, which these tests provoke.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

/** A server whose listener can be replaced, and that records the received tokens. */
async function host() {
  const state: { listener: RequestListener; tokens: string[] } = {
    listener: (_q, r) => void r.writeHead(503).end(),
    tokens: [],
  };
  const server = createServer((request, response) => state.listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function system(key = newKey()) {
  const [gateway, billing, search] = await Promise.all([host(), host(), host()]);
  const tokens: string[] = [];
  const start = async (more: Partial<GatewayOptions> = {}) => {
    const services = [
      { audience: 'billing', to: `${billing.url}/events` },
      { audience: 'search', to: `${search.url}/events` },
    ];
    const retry = { firstDelayMs: 20, maxDelayMs: 20 };
    const { app, ...created } = createGateway({
      issuer: gateway.url,
      key,
      secret,
      services,
      openStore: () => memoryStore(),
      retry,
      ...more,
    });
    gateway.state.listener = getRequestListener(app.fetch);
    await created.start();
    onTestFinished(() => created.stop());
  };
  const billingApp = createBilling({ gateway: gateway.url, audience: 'billing' });
  billing.state.listener = (request, response) => {
    request.once('data', (chunk) => tokens.push(String(chunk)));
    billingApp(request, response);
  };
  search.state.listener = getRequestListener(createSearch({ gateway: gateway.url, audience: 'search' }).fetch);
  await start();
  return {
    billing,
    search,
    tokens,
    start,
    deliver: async (event: object, signedWith = secret) =>
      (await fetch(await signedRequest(event, { secret: signedWith, url: `${gateway.url}/webhooks/blue` }))).status,
    done: async () => (await fetch(`${billing.url}/done`)).json(),
    titles: async () => (await fetch(`${search.url}/titles`)).json(),
  };
}

const send = async (url: string, token: string) => {
  const headers = { 'content-type': 'application/secevent+jwt' };
  const response = await fetch(`${url}/events`, { method: 'POST', headers, body: token });
  return response.status === 400 ? ((await response.json()) as { err: string }).err : response.status;
};

/** Waits for the tokens that the gateway pushes after its response. */
const eventually = (get: () => Promise<unknown>, value: unknown) =>
  expect.poll(get, { timeout: 5_000, interval: 10 }).toEqual(value);

test('a delivery reaches both services, though neither has the secret', async () => {
  const { deliver, done: doneRecords, titles } = await system();
  expect(await deliver(created)).toBe(204);
  expect(await deliver(done)).toBe(204);
  await eventually(doneRecords, ['r1']);
  await eventually(titles, ['Invoice']);
});

test('the gateway does not push a forged delivery', async () => {
  const { deliver, titles } = await system();
  expect(await deliver(created, 'guessed')).toBe(401);
  expect(await titles()).toEqual([]);
});

test('a service refuses tokens of another issuer, and tokens for the other service', async () => {
  const { deliver, tokens, billing, search, titles } = await system();
  await deliver(done);
  await expect.poll(() => tokens.length, { interval: 10 }).toBe(1);
  const [token = ''] = tokens;
  expect(await send(search.url, token)).toBe('invalid_audience');
  expect(await send(billing.url, token)).toBe(202); // a duplicate
  const stranger = await system();
  await stranger.deliver(created);
  await expect.poll(() => stranger.tokens.length, { interval: 10 }).toBe(1);
  expect(await send(billing.url, stranger.tokens[0] ?? '')).toBe('invalid_key');
  expect(await send(search.url, Buffer.from(eventTypeUri('TODO_CREATED')).toString('base64url'))).toBe(
    'invalid_request',
  );
  expect(await titles()).toEqual([]);
});

test('a service that is down costs no attempt: it gets the delivery once it is up', async () => {
  const { deliver, search, titles, tokens } = await system();
  const up = search.state.listener;
  search.state.listener = (_request, response) => void response.writeHead(503).end();
  expect(await deliver(created)).toBe(204);
  await expect.poll(() => tokens.length, { timeout: 5_000, interval: 10 }).toBe(1);
  search.state.listener = up;
  await eventually(titles, ['Invoice']);
  expect(tokens).toHaveLength(1); // only the other service got retries
});

test.each<[string, RequestListener]>([
  ['refuses', (_request, response) => void response.writeHead(503).end()],
  ['does not answer', () => {}],
  ['refuses permanently', (_request, response) => void response.writeHead(400).end('{"err":"invalid_request"}')],
])('a service that %s holds up no delivery of the other, not even of the same record', async (_how, listener) => {
  const { deliver, search, done: doneRecords, tokens } = await system();
  search.state.listener = listener;
  const records = Array.from({ length: 15 }, (_, i) => ({
    ...done,
    currentValue: { ...done.currentValue, position: i },
  }));
  for (const one of [created, ...records]) expect(await deliver(one)).toBe(204);
  await eventually(doneRecords, ['r1']);
  await expect.poll(() => tokens.length, { timeout: 4_000, interval: 10 }).toBe(16); // before a push times out
});

test('a delivery that one service’s inbox cannot store is retried by Blue, and reaches both once', async () => {
  let full = true;
  const { start, deliver, titles, tokens } = await system();
  await start({
    openStore(audience) {
      const store = memoryStore();
      const put: typeof store.put = (delivery) => (full ? Promise.reject(new Error('full')) : store.put(delivery));
      return audience === 'search' ? { ...store, put } : store;
    },
  });
  expect(await deliver(created)).toBe(503);
  full = false;
  expect(await deliver(created)).toBe(204);
  await eventually(titles, ['Invoice']);
  expect(tokens).toHaveLength(1);
});

test('a key rotation loses no event if the next key was published first', async () => {
  const [old, next] = [newKey(), newKey()];
  const { start, deliver, titles } = await system(old);
  await start({ key: old, alsoPublish: [{ key: next }] });
  expect(await deliver(created)).toBe(204);
  await eventually(titles, ['Invoice']);
  await start({ key: next, alsoPublish: [{ key: old }] });
  expect(
    await deliver({ event: 'TODO_NAME_CHANGED', previousValue: record, currentValue: { ...record, title: 'Paid' } }),
  ).toBe(204);
  await eventually(titles, ['Paid']);
});
