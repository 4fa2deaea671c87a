import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { DeliveryHandler } from '@blue-webhooks/core';
import { adapterContract } from '@blue-webhooks/testing/adapter-contract';
import express from 'express';
import express4 from 'express4';
import { describe, test } from 'vitest';
import { blueWebhook, type NodeMiddleware } from '../src/index';
import { listen } from './serve';

const path = '/webhooks/blue';

/** Reads the body to its end and keeps nothing. */
const consume = (req: IncomingMessage, _res: unknown, next: () => void) => void req.resume().on('end', () => next());

const plain =
  (middleware: NodeMiddleware): RequestListener =>
  (req: IncomingMessage, res: ServerResponse) =>
    void middleware(req, res, () => res.writeHead(500).end());

const hosts: Record<string, Record<'serve' | 'serveConsumed', (handler: DeliveryHandler) => RequestListener>> = {
  'Express 5': {
    serve: (handler) => express().all(path, blueWebhook(handler)),
    serveConsumed: (handler) => express().use(consume).all(path, blueWebhook(handler)),
  },
  'Express 4': {
    serve: (handler) => express4().all(path, blueWebhook(handler)),
    serveConsumed: (handler) => express4().use(consume).all(path, blueWebhook(handler)),
  },
  'node:http without Express': {
    serve: (handler) => plain(blueWebhook(handler)),
    serveConsumed: (handler) => (req, res) => consume(req, res, () => plain(blueWebhook(handler))(req, res)),
  },
};

describe.each(Object.entries(hosts))('the adapter contract on %s', (_name, host) => {
  test.each(adapterContract.map(({ title, run }) => [title, run] as const))('%s', (_title, run) =>
    run({
      serve: (handler) => listen(host.serve(handler)),
      serveConsumed: (handler) => listen(host.serveConsumed(handler)),
    }),
  );
});
