/** A process that crash tests kill: an endpoint on a shared store, and a worker if `works` is set. */
import { appendFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import express from 'express';
import { createInbox } from '../../src/index';
import { insertEffect } from './effects';
import { type ChildOptions, secret } from './processes';
import { storeAt } from './store-at';

const { path, journal, works, handlerMs, effects } = JSON.parse(process.argv[2] ?? '') as ChildOptions;

/** Written synchronously: it survives the kill. */
const note = (what: string, id: string) => appendFileSync(journal, `${what} ${process.pid} ${id}\n`);

const receiver = createReceiver({ secret }).on('TODO_MOVED', async (_event, { id }) => {
  note('begins', id);
  await sleep(Math.random() * handlerMs);
  note('ends', id);
});
const inbox = createInbox({ receiver, store: storeAt(path), leaseMs: 3_000, pollMs: 50 });
if (effects) inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => insertEffect(tx, id));
if (works) await inbox.start();

const app = express().post('/webhooks/blue', blueWebhook(inbox));
const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

process.on('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await inbox.stop();
  process.exit();
});
