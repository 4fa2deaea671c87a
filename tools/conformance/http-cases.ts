import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blueWebhook } from '@blue-webhooks/express';
import { adapterContract } from '@blue-webhooks/testing/adapter-contract';
import express from 'express';
import type { Case } from './case';

async function listen(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Reads the body to its end and keeps nothing. */
const consume = (req: IncomingMessage, _res: unknown, next: () => void) => void req.resume().on('end', () => next());

/** The whole adapter contract over HTTP, on whichever Express is installed. */
export const httpCases: readonly Case[] = adapterContract.map(({ title, run }) => ({
  title: `Express: ${title}`,
  run: () =>
    run({
      serve: (receiver) => listen(express().all('/webhooks/blue', blueWebhook(receiver))),
      serveConsumed: (receiver) => listen(express().use(consume).all('/webhooks/blue', blueWebhook(receiver))),
    }),
}));
