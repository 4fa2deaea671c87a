import { Buffer } from 'node:buffer';
import { createSecretKey } from 'node:crypto';
import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook as expressWebhook } from '@blue-webhooks/express';
import { blueWebhook as honoWebhook } from '@blue-webhooks/hono';
import { middleware as lineMiddleware, validateSignature } from '@line/bot-sdk';
import { Webhooks } from '@octokit/webhooks';
import express from 'express';
import { floorB, secret } from './schemes.js';

const key = createSecretKey(Buffer.from(secret));
const raw = express.raw({ type: () => true, limit: '6mb' });
export const receiver = () => createReceiver({ secret }).on('TODO_CREATED', async () => {});
const octokit = () => {
  const webhooks = new Webhooks({ secret });
  webhooks.on('push', () => {});
  return webhooks;
};

/** The routes; `bare` reads the raw body and ignores it. */
export const expressRoutes = {
  bare: () => [raw, (_req, res) => res.status(204).end()],
  'by hand': () => [raw, (req, res) => res.status(floorB(req.body, req.get('x-signature'), key)() ? 204 : 401).end()],
  ours: () => [expressWebhook(receiver())],
  '@octokit/webhooks'() {
    const webhooks = octokit();
    return [
      raw,
      async (req, res) => {
        const signature = req.get('x-hub-signature-256');
        await webhooks.verifyAndReceive({ id: '1', name: 'push', payload: req.body.toString(), signature });
        res.status(204).end();
      },
    ];
  },
  '@line/bot-sdk': () => [lineMiddleware({ channelSecret: secret }), (_req, res) => res.status(204).end()],
};

export const honoRoutes = {
  bare: () => async (c) => {
    await c.req.arrayBuffer();
    return c.body(null, 204);
  },
  'by hand': () => async (c) => {
    const body = Buffer.from(await c.req.arrayBuffer());
    return c.body(null, floorB(body, c.req.header('x-signature'), key)() ? 204 : 401);
  },
  ours: () => honoWebhook(receiver()),
  '@octokit/webhooks'() {
    const webhooks = octokit();
    return async (c) => {
      const signature = c.req.header('x-hub-signature-256');
      await webhooks.verifyAndReceive({ id: '1', name: 'push', payload: await c.req.text(), signature });
      return c.body(null, 204);
    };
  },
  '@line/bot-sdk': () => async (c) => {
    const text = await c.req.text();
    if (!validateSignature(text, secret, c.req.header('x-line-signature'))) return c.body(null, 401);
    JSON.parse(text);
    return c.body(null, 204);
  },
};
