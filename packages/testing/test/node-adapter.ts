import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DeliveryHandler, Outcome, RawDelivery } from '@blue-webhooks/core';
import type { BodySource } from '@blue-webhooks/core/adapter';
import type { AdapterUnderTest, Served } from '../src/adapter-contract';

/** The four parts of an adapter, each of which can be wrong. */
export interface NodeAdapter {
  header(req: IncomingMessage, name: string): string | readonly string[] | undefined;
  body(req: IncomingMessage): RawDelivery['body'] | Promise<RawDelivery['body']>;
  raw(req: IncomingMessage, facts: Pick<RawDelivery, 'header' | 'body'>): RawDelivery;
  answer(res: ServerResponse, outcome: Outcome, req: IncomingMessage): void;
  take(handler: DeliveryHandler, raw: RawDelivery): Promise<Outcome>;
}

export const source =
  (req: IncomingMessage): BodySource =>
  (sink) => {
    req.on('data', sink.chunk).on('end', sink.end).on('close', sink.fail);
    return () => {};
  };

/** The adapter of the guide, in parts. */
export const sound: NodeAdapter = {
  header: (req, name) => req.headers[name],
  body: (req) => (req.readableDidRead ? undefined : source(req)),
  raw: (req, facts) => ({ method: req.method ?? '', ...facts, request: req }),
  answer: (res, { status, headers, body }) => void res.writeHead(status, { ...headers }).end(body),
  take: (handler, raw) => handler.handle(raw),
};

/** Serves the adapter on a free port, optionally behind middleware that consumes the body. */
export function underTest(adapter: NodeAdapter): Required<AdapterUnderTest> {
  const listener =
    (handler: DeliveryHandler) =>
    async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
      try {
        const body = await adapter.body(req);
        const raw = adapter.raw(req, { header: (name) => adapter.header(req, name), body });
        adapter.answer(res, await adapter.take(handler, raw), req);
      } catch {
        res.destroy();
      }
    };
  return {
    serve: (handler) => listen(listener(handler)),
    serveConsumed: (handler) => listen((req, res) => req.resume().on('end', () => listener(handler)(req, res))),
  };
}

/** Listens on a free port of this machine. */
export async function listen(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
