import { Buffer } from 'node:buffer';
import { createSecretKey } from 'node:crypto';
import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook as expressWebhook, verifyBlueWebhook } from '@blue-webhooks/express';
import { blueWebhook as honoWebhook } from '@blue-webhooks/hono';
import { middleware as lineMiddleware, validateSignature } from '@line/bot-sdk';
import { Webhooks } from '@octokit/webhooks';
import express from 'express';
import { floorB, secret } from './schemes.js';

const key = createSecretKey(Buffer.from(secret));
const raw = express.raw({ type: () => true, limit: '6mb' });
const handler = async () => {};
export const receiver = () => createReceiver({ secret }).on('TODO_CREATED', handler);
/** The payload of a genuine delivery, `undefined` for a forgery: what everybody writes first. */
const genuine = (body, signature) => floorB(body, signature, key)() || undefined;

/** Reads a body by hand: without a limit, a time limit or a diagnosis. */
function read(req, then) {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => then(Buffer.concat(chunks)));
}

const noContent = (_req, res) => res.status(204).end();
const octokit = () => {
  const webhooks = new Webhooks({ secret });
  webhooks.on('push', () => {});
  return webhooks;
};

/** The routes; `bare` reads the raw body and ignores it. */
export const expressRoutes = {
  bare: () => [raw, noContent],
  'by hand': () => [
    (req, res) =>
      read(req, async (body) => {
        const payload = genuine(body, req.get('x-signature'));
        if (!payload) return res.status(401).end();
        await handler(payload);
        res.status(204).end();
      }),
  ],
  blueWebhook: () => [expressWebhook(receiver())],
  'by hand, with next': () => [
    (req, res, next) =>
      read(req, (body) => {
        req.payload = genuine(body, req.get('x-signature'));
        if (!req.payload) return res.status(401).end();
        next();
      }),
    noContent,
  ],
  verifyBlueWebhook: () => [verifyBlueWebhook({ secret }), noContent],
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
  '@line/bot-sdk': () => [lineMiddleware({ channelSecret: secret }), noContent],
};

export const honoRoutes = {
  bare: () => async (c) => {
    await c.req.arrayBuffer();
    return c.body(null, 204);
  },
  'by hand': () => async (c) => {
    const payload = genuine(Buffer.from(await c.req.arrayBuffer()), c.req.header('x-signature'));
    if (!payload) return c.body(null, 401);
    await handler(payload);
    return c.body(null, 204);
  },
  blueWebhook: () => honoWebhook(receiver()),
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
