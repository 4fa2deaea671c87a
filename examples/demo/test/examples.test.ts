import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { samples } from '@blue-webhooks/testing';
import { getRequestListener } from '@hono/node-server';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { handler } from '../../aws-lambda/src/handler';
import bun from '../../bun/src/server';
import worker from '../../cloudflare-worker/src/worker';
import deno from '../../deno/src/server';
import { app as expressApp } from '../../express/src/app';
import { app as honoApp } from '../../hono-node/src/app';
import { POST } from '../../nextjs-app-router/app/api/blue/route';
import { startReceivers } from '../src/receivers';
import { Recorder, runTable } from '../src/table';

// The examples write to the console.
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

const env = { BLUE_WEBHOOK_SECRET: process.env.BLUE_WEBHOOK_SECRET ?? '' };
const { body, signature } = samples.TODO_CREATED;

const listeners: Record<string, RequestListener> = {
  Express: expressApp,
  'Hono on Node': getRequestListener(honoApp.fetch),
  'Cloudflare Worker': getRequestListener((request) => worker.fetch(request, env, { waitUntil: () => {} })),
  'Next.js': getRequestListener(POST),
  Bun: getRequestListener(bun.fetch),
  Deno: getRequestListener(deno.fetch),
};

async function post(listener: RequestListener, sent: string): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`;
  const headers = { 'content-type': 'application/json', 'x-signature': signature, connection: 'close' };
  return (await fetch(url, { method: 'POST', body: sent, headers })).status;
}

describe.each(Object.entries(listeners))('the example for %s', (_name, listener) => {
  test('accepts the published delivery and refuses it with one byte changed', async () => {
    expect(await post(listener, body)).toBe(204);
    expect(await post(listener, body.replace('GGGG', 'GGGH'))).toBe(401);
  });
});

test('the example for AWS Lambda accepts the published delivery and refuses it with one byte changed', async () => {
  const event = { requestContext: { http: { method: 'POST' } }, headers: { 'x-signature': signature } };
  expect(await handler({ ...event, body })).toMatchObject({ statusCode: 204 });
  expect(await handler({ ...event, body: body.replace('GGGG', 'GGGH') })).toMatchObject({ statusCode: 401 });
});

test('every cell of the demo is as expected', async () => {
  const recorder = new Recorder();
  const receivers = await startReceivers(undefined, recorder.record);
  onTestFinished(async () => void (await Promise.all(receivers.map((receiver) => receiver.close()))));
  expect(receivers.map(({ name }) => name)).toEqual(['Express', 'Hono', 'Fetch', 'Lambda']);
  expect(await runTable(receivers, recorder)).toBe(true);
});

test('the demo reports a receiver that responds otherwise than expected', async () => {
  const recorder = new Recorder();
  const receivers = await startReceivers(undefined, recorder.record);
  onTestFinished(async () => void (await Promise.all(receivers.map((receiver) => receiver.close()))));
  const elsewhere = receivers.map((receiver) => ({ ...receiver, url: `${receiver.url}-moved` }));
  expect(await runTable(elsewhere.slice(0, 1), recorder)).toBe(false);
});
