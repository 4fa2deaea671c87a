// What a user writes, compiled with every TypeScript and every resolution that can see it. Root entries alone: `node10`
// knows no others.
import { blueWebhook as onLambda } from '@blue-webhooks/aws-lambda';
import {
  createReceiver,
  type Delivery,
  type EventOf,
  eventNames,
  type Secrets,
  type Todo,
  verify,
  WebhookError,
} from '@blue-webhooks/core';
import { createEventTokenIssuer } from '@blue-webhooks/event-tokens';
import { blueWebhook, keepRawBody, verifyBlueWebhook } from '@blue-webhooks/express';
import { blueWebhook as onHono } from '@blue-webhooks/hono';
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
export const tokens = createEventTokenIssuer;
