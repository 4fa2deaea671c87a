import { blueWebhook as onLambda } from '@blue-webhooks/aws-lambda';
import { blueWebhook as onHono } from '@blue-webhooks/hono';
import { type AdapterUnderTest, adapterContract, type ContractRequest } from '@blue-webhooks/testing/adapter-contract';
import { Hono } from 'hono';
import type { Case } from './case';

/** A Fetch handler under the contract, without a server: what every runtime can do. */
const inProcess = (fetch: (request: Request) => Response | Promise<Response>) => ({
  async send({ method, headers, body }: ContractRequest) {
    const pairs = Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    );
    const withBody = ['GET', 'HEAD'].includes(method) ? {} : { body: body as Uint8Array<ArrayBuffer> };
    const response = await fetch(
      new Request('http://localhost/webhooks/blue', { method, headers: pairs, ...withBody }),
    );
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  },
  close: async () => {},
});

const adapters: Readonly<Record<string, AdapterUnderTest>> = {
  'receiver.fetch': {
    serve: async (receiver) => inProcess(receiver.fetch),
    serveConsumed: async (receiver) =>
      inProcess(async (request) => {
        await request.arrayBuffer();
        return receiver.fetch(request);
      }),
  },
  Hono: { serve: async (receiver) => inProcess(new Hono().all('*', onHono(receiver)).fetch) },
  'AWS Lambda': {
    serve: async (receiver) => ({
      async send({ method, headers, body }) {
        const flat = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(',')]);
        const event = {
          version: '2.0',
          headers: Object.fromEntries(flat),
          body: btoa(String.fromCharCode(...body)),
          isBase64Encoded: true,
          requestContext: { http: { method } },
        };
        const result = await onLambda(receiver)(event);
        return { status: result.statusCode, headers: result.headers ?? {}, body: result.body };
      },
      close: async () => {},
    }),
  },
};

/** The adapter contract, as far as it needs no socket. */
export const contractCases: readonly Case[] = Object.entries(adapters).flatMap(([name, adapter]) =>
  adapterContract
    .filter(({ needsHttp, needsConsumed }) => !needsHttp && (!needsConsumed || adapter.serveConsumed))
    .map(({ title, run }) => ({ title: `${name}: ${title}`, run: () => run(adapter) })),
);
