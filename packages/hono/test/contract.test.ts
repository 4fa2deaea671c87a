import type { AddressInfo } from 'node:net';
import type { DeliveryHandler } from '@blue-webhooks/core';
import { adapterContract, type ContractRequest } from '@blue-webhooks/testing/adapter-contract';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Hono as OldestHono } from 'hono-oldest';
import { describe, test } from 'vitest';
import { blueWebhook } from '../src/index';

type App = { fetch: (request: Request) => Response | Promise<Response> };

const path = '/webhooks/blue';
const newest = (handler: DeliveryHandler): App => new Hono().all(path, blueWebhook(handler)) as App;
const oldest = (handler: DeliveryHandler): App =>
  (new OldestHono() as unknown as Hono).all(path, blueWebhook(handler)) as App;

async function onNode(app: App) {
  const server = await new Promise<ServerType>((resolve) => {
    const started: ServerType = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    close: async () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Without a server, as Hono's own tests do. */
async function inProcess(app: App) {
  return {
    async send({ method, headers, body }: ContractRequest) {
      const pairs = Object.entries(headers).flatMap(([name, value]) =>
        [value].flat().map((one): [string, string] => [name, one]),
      );
      const withBody = ['GET', 'HEAD'].includes(method) ? {} : { body: body as Uint8Array<ArrayBuffer> };
      const response = await app.fetch(new Request(`http://localhost${path}`, { method, headers: pairs, ...withBody }));
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
    },
    close: async () => {},
  };
}

describe.each([
  ['Hono on Node', newest, onNode],
  ['the oldest Hono on Node', oldest, onNode],
  ['Hono without a server', newest, inProcess],
  ['the oldest Hono without a server', oldest, inProcess],
])('the adapter contract on %s', (_name, create, host) => {
  const adapter = { serve: (handler: DeliveryHandler) => host(create(handler)) };
  test.each(adapterContract.filter(({ needsHttp }) => !needsHttp || host === onNode))('$title', ({ run }) =>
    run(adapter),
  );
});
