// What a user writes, compiled with every TypeScript and every resolution.
import { blueWebhook as onLambda } from '@blue-webhooks/aws-lambda';
import {
  createReceiver,
  type Delivery,
  type EventOf,
  eventNames,
  type Secrets,
  verify,
  WebhookError,
} from '@blue-webhooks/core';
import { changed, changes } from '@blue-webhooks/core/changes';
import type { Todo } from '@blue-webhooks/core/entities';
import { createEventTokenIssuer, isVerified, verifyEventToken } from '@blue-webhooks/event-tokens';
import { blueWebhook, keepRawBody, verifyBlueWebhook } from '@blue-webhooks/express';
import { blueWebhook as onHono } from '@blue-webhooks/hono';
import { createInbox, type InboxDelivery, memoryStore, sqliteStore } from '@blue-webhooks/inbox';
import { createQueueConsumer, createQueueProducer, type QueueResult } from '@blue-webhooks/queue';
import { createCloudflareConsumer } from '@blue-webhooks/queue/cloudflare';
import { createSqsConsumer } from '@blue-webhooks/queue/sqs';
import { createBlueSimulator, fixtures, samples, signedDelivery } from '@blue-webhooks/testing';
import express from 'express';
import { Hono } from 'hono';

const secret: Secrets = [{ id: 'new', secret: 'a secret' }, new Uint8Array([1])];
export const receiver = createReceiver({ secret, onFailure: ({ code }) => code.toLowerCase() })
  .on('TODO_CREATED', async ({ currentValue }, { id }) => {
    const todo: Todo = currentValue;
    await Promise.resolve(`${todo.title}${id}${todo.todoList?.project?.name ?? ''}`);
  })
  .on(eventNames.comment, (event) => event.event satisfies 'COMMENT_CREATED' | 'COMMENT_DELETED' | 'COMMENT_UPDATED')
  .onUnknown(({ name, payload }) => [name, payload]);
receiver.on('TODO_NAME_CHANGED', (event) => {
  const title = changed(event, 'title');
  return [title?.before satisfies string | null | undefined, changes(event).length];
});
// @ts-expect-error no such event
receiver.on('TODO_CREATE', () => {});

export async function title(body: Uint8Array, signature: string | undefined): Promise<string> {
  try {
    const { event }: Delivery = await verify({ body, signature, secret });
    if (event.event === 'TODO_MOVED') return (event satisfies EventOf<'TODO_MOVED'>).currentValue.title;
    return event.event === 'UNKNOWN' ? event.name : event.event;
  } catch (error) {
    return WebhookError.is(error) ? error.code : 'not ours';
  }
}

express().post('/webhooks/blue', express.json({ verify: keepRawBody }), blueWebhook(receiver));
express().post('/webhooks/blue', verifyBlueWebhook({ secret }), (req, res) => {
  res.end(req.blue?.id);
});
new Hono().post('/webhooks/blue', onHono(receiver));
export const handler = onLambda(receiver);
export const tested = [fixtures.TODO_CREATED.event, samples.TODO_CREATED.body, createBlueSimulator, signedDelivery];

const inbox = createInbox({ receiver, store: process.env.INBOX ? sqliteStore(process.env.INBOX) : memoryStore() });
express().post('/webhooks/blue', blueWebhook(inbox));
export async function waiting(): Promise<readonly InboxDelivery[]> {
  await inbox.start();
  return (await inbox.list({ state: 'waiting' })).deliveries;
}

const [issuer, audience] = ['https://gateway.example', 'https://billing.example'];
export const tokens = createEventTokenIssuer({ issuer, audience, key: { kty: 'OKP', crv: 'Ed25519', d: '', x: '' } });
export async function passOn(delivery: Delivery): Promise<string | undefined> {
  if (!isVerified(delivery)) return undefined;
  const { event } = await verifyEventToken(await tokens.issue(delivery), {
    issuer,
    audience,
    keys: await tokens.jwks(),
  });
  return event?.event === 'TODO_CREATED' ? event.currentValue.title : undefined;
}

const texts: string[] = [];
express().post('/webhooks/blue', blueWebhook(createQueueProducer({ receiver, send: ({ body }) => texts.push(body) })));
export const consumed = async (): Promise<QueueResult['type']> =>
  (await createQueueConsumer({ receiver }).consume(texts[0], { attempts: 1 })).type;
export const functions = [createCloudflareConsumer({ receiver }).queue, createSqsConsumer({ receiver })];
