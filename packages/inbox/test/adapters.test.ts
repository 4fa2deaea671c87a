import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blueWebhook as lambdaWebhook } from '@blue-webhooks/aws-lambda';
import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook as expressWebhook } from '@blue-webhooks/express';
import { blueWebhook as honoWebhook } from '@blue-webhooks/hono';
import type { SignedDelivery } from '@blue-webhooks/testing';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Inbox, sqliteStore } from '../src/index';
import { eventually, healthCheck, inboxWith, moved, secret, signed } from './endpoint';
import { scratchFile } from './scratch';

type Send = (delivery: SignedDelivery) => Promise<number>;

/** Sends over HTTP to a local server. */
async function over(listener: RequestListener): Promise<Send> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`;
  return async ({ body, headers }) => (await fetch(url, { method: 'POST', body, headers })).status;
}

const adapters: Record<string, (inbox: Inbox) => Send | Promise<Send>> = {
  Express: (inbox) => over(express().post('/webhooks/blue', expressWebhook(inbox))),
  Hono: (inbox) => over(getRequestListener(new Hono().post('/webhooks/blue', honoWebhook(inbox)).fetch)),
  Fetch: (inbox) => over(getRequestListener((request) => inbox.fetch(request))),
  'AWS Lambda': (inbox) => {
    const handler = lambdaWebhook(inbox);
    return async ({ body, headers }) => {
      const encoded = { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
      const event = { requestContext: { http: { method: 'POST' } }, headers, ...encoded };
      return (await handler(event)).statusCode;
    };
  },
};

describe.each(Object.entries(adapters))('an inbox behind %s', (_name, mount) => {
  test('stores genuine deliveries, refuses forged ones, and handles bodies to the last byte', async () => {
    const handled: string[] = [];
    const { inbox } = inboxWith({ store: sqliteStore(scratchFile()) }, ({ rawBody }) => handled.push(rawBody));
    await inbox.start();
    const send = await mount(inbox);
    const genuine = await signed(moved('Zoë 😀', { html: 'x'.repeat(200_000) }));
    expect(await send(genuine)).toBe(204);
    expect(await send(genuine)).toBe(204);
    expect(await send({ ...genuine, body: genuine.body.slice(1) })).toBe(401);
    expect(await send(await healthCheck())).toBe(204);
    await eventually(async () => (await inbox.stats()).done === 1);
    expect(handled.filter((body) => body === new TextDecoder().decode(genuine.body))).toHaveLength(1);
    expect((await inbox.list()).deliveries).toHaveLength(1);
  });

  test('answers 503 while nothing can be stored', async () => {
    const store = sqliteStore(scratchFile());
    const fail = () => Promise.reject(new Error('the disk is gone'));
    const { inbox, heard } = inboxWith({ store: { ...store, put: fail, probe: fail } });
    const send = await mount(inbox);
    expect(await send(await signed())).toBe(503);
    expect(await send(await healthCheck())).toBe(503);
    expect(heard('store-failed')).toHaveLength(2);
  });
});

test('selfTest passes through an inbox', async () => {
  const { inbox } = inboxWith({ store: sqliteStore(scratchFile()) });
  await createReceiver({ secret }).selfTest(inbox.fetch);
  expect((await inbox.list()).deliveries).toEqual([]);
});
