import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { createEventTokenIssuer, type Jwk, type KeysEndpoint, serveKeys } from '../src/index';
import { ed25519 } from './by-hand';
import { verifiedDelivery } from './deliveries';
import { serve } from './serve';

const key = ed25519().privateKey.export({ format: 'jwk' }) as Jwk;
const tokens = createEventTokenIssuer({ issuer: 'https://gateway.example', audience: 'us', key });
const path = '/.well-known/jwks.json';

const hosts: Record<string, (keys: KeysEndpoint) => RequestListener> = {
  Express: (keys) => express().all(path, keys.node),
  'node:http': (keys) => (request, response) => void keys.node(request, response),
  Hono: (keys) => getRequestListener(new Hono().all(path, keys.hono).fetch),
  'a Fetch handler': (keys) => getRequestListener(keys.fetch),
};

describe.each(Object.entries(hosts))('on %s', (_name, host) => {
  test('the public keys are served as a key set that may be kept', async () => {
    const { url } = await serve(host(serveKeys(tokens)));
    const response = await fetch(url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/jwk-set+json');
    expect(response.headers.get('cache-control')).toBe('public, max-age=600');
    expect(await response.json()).toEqual(await tokens.jwks());
  });

  test('jose finds there what a token is checked with', async () => {
    const { url } = await serve(host(serveKeys(tokens)));
    const { payload } = await jwtVerify(
      await tokens.issue(await verifiedDelivery()),
      createRemoteJWKSet(new URL(url + path)),
    );
    expect(payload.aud).toBe('us');
  });

  test('HEAD returns only the headers, and other methods get 405 with Allow', async () => {
    const { url } = await serve(host(serveKeys(tokens)));
    const head = await fetch(url + path, { method: 'HEAD' });
    expect([head.status, head.headers.get('cache-control')]).toEqual([200, 'public, max-age=600']);
    const post = await fetch(url + path, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow'), await post.text()]).toEqual([405, 'GET, HEAD', '']);
  });
});

test('a broken key reaches the error handler, not the client', async () => {
  const broken = createEventTokenIssuer({ issuer: 'i', audience: 'a', key: { ...key, x: 'AAAA' } });
  const errors: unknown[] = [];
  const app = express().get(path, serveKeys(broken).node);
  app.use((error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
    errors.push(error);
    res.status(500).end();
  });
  const { url } = await serve(app);
  const response = await fetch(url + path);
  expect([response.status, await response.text()]).toEqual([500, '']);
  expect(errors).toEqual([expect.objectContaining({ name: 'TypeError' })]);
});
