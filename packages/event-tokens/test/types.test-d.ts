import { createReceiver, type Delivery, eventNames, type FetchRequest } from '@blue-webhooks/core';
import { blueWebhook as onExpress } from '@blue-webhooks/express';
import { blueWebhook as onHono } from '@blue-webhooks/hono';
import express from 'express';
import { Hono } from 'hono';
import {
  createEventTokenIssuer,
  isVerified,
  pushEventTokens,
  receiveEventTokens,
  serveKeys,
  verifyEventToken,
} from '../src/index';

const options = { issuer: 'i', audience: 'a', key: process.env.KEY };

// Only what was verified can be issued; unsigned deliveries need the option.
export async function issues(delivery: Delivery): Promise<void> {
  const tokens = createEventTokenIssuer(options);
  // @ts-expect-error it may be unsigned
  await tokens.issue(delivery);
  if (isVerified(delivery)) await tokens.issue(delivery);
  const lenient = createEventTokenIssuer({ ...options, allowUnsigned: true });
  await lenient.issue(delivery);
  // @ts-expect-error the strict issuer is not assignable to the lenient one
  const wrong: typeof lenient = tokens;
  void wrong;
  // @ts-expect-error a boolean does not say which it is
  createEventTokenIssuer({ ...options, allowUnsigned: Math.random() > 0.5 });
}

// A push fits a receiver's handlers, for known and unknown events.
export function pushes(): void {
  const push = pushEventTokens({ to: 'https://a.example', issuer: createEventTokenIssuer(options) });
  createReceiver({ secret: 's' })
    .on('TODO_CREATED', push)
    .on(eventNames.comment, push)
    .on(Object.values(eventNames).flat(), push)
    .onUnknown(push);
}

// What is accepted as a key cannot be symmetric by its type, if the type determines it.
export async function verifies(token: string): Promise<string> {
  // @ts-expect-error HS256 is not an accepted algorithm
  await verifyEventToken(token, { issuer: 'i', audience: 'a', keys: 'https://a.example', algorithms: ['HS256'] });
  // @ts-expect-error bytes are a shared secret
  await verifyEventToken(token, { issuer: 'i', audience: 'a', keys: new Uint8Array(32) });
  const verified = await verifyEventToken(token, { issuer: 'i', audience: 'a', keys: 'https://a.example' });
  // @ts-expect-error it may be a reference
  verified.event.event;
  if (!verified.event) return verified.reference.bodySha256;
  return verified.event.event === 'TODO_CREATED' ? verified.event.currentValue.title : verified.drift.join();
}

// The endpoints fit the frameworks without knowing them.
export function mounts(): void {
  const keys = serveKeys(createEventTokenIssuer({ ...options, allowUnsigned: true }));
  const tokens = receiveEventTokens({ issuer: 'i', audience: 'a', keys: 'https://a.example' }, ({ jti }) => jti);
  express().get('/.well-known/jwks.json', keys.node).post('/events', onExpress(tokens));
  new Hono().get('/.well-known/jwks.json', keys.hono).post('/events', onHono(tokens));
  new Hono().post('/events', (c) => tokens.fetch(c.req.raw));
  const handler: { fetch(request: Request): Promise<Response> } = tokens;
  void handler;
}

// A recipient takes what it uses of a request, as a receiver does: that of Azure Functions fits, too.
export function fetches(request: FetchRequest): Promise<Response>[] {
  const tokens = receiveEventTokens({ issuer: 'i', audience: 'a', keys: 'https://a.example/keys' }, () => {});
  const keys = serveKeys(createEventTokenIssuer(options));
  return [tokens.fetch(request, { waitUntil: () => {} }), keys.fetch(request)];
}
