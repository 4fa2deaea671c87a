import type { AddressInfo } from 'node:net';
import { type AdapterUnderTest, adapterContract, type ContractRequest } from '@blue-webhooks/testing/adapter-contract';
import { type ServerType, serve } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { Hono as OldestHono } from 'hono-oldest';
import { describe, test } from 'vitest';
import { blueWebhook } from '../src/index';

type App = { fetch: (request: Request) => Response | Promise<Response> };

const path = '/webhooks/blue';
const versions = { Hono, 'the oldest Hono': OldestHono as unknown as typeof Hono };

/** Reads the body past Hono's cache and keeps nothing. */
const consume: MiddlewareHandler = async (c, next) => {
  await c.req.raw.arrayBuffer();
  await next();
};

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

const hosts = { 'on Node': onNode, 'without a server': inProcess };

for (const [version, App] of Object.entries(versions)) {
  for (const [place, host] of Object.entries(hosts)) {
    describe(`the adapter contract on ${version} ${place}`, () => {
      const adapter: AdapterUnderTest = {
        serve: (handler) => host(new App().all(path, blueWebhook(handler))),
        serveConsumed: (handler) => host(new App().all(path, consume, blueWebhook(handler))),
      };
      const cases = adapterContract.filter(({ needsHttp }) => !needsHttp || host === onNode);
      test.each(cases.map(({ title, run }) => [title, run] as const))('%s', (_title, run) => run(adapter));
    });
  }
}
