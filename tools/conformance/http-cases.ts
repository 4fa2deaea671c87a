import type { IncomingMessage } from 'node:http';
import { blueWebhook } from '@blue-webhooks/express';
import { adapterContract } from '@blue-webhooks/testing/adapter-contract';
import express from 'express';
import type { Case } from './case';
import { listen } from './listen';

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
