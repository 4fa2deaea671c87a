/** A process that crash tests kill: an endpoint on a shared store and a worker if `works` is set, or an endpoint with a ledger. */
import { appendFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createReceiver, type Delivery } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import express from 'express';
import { createInbox, StoreError } from '../../src/index';
import { type ChildOptions, secret } from './child-options';
import { insertEffect } from './effects';
import { killAtStatement } from './kill-at-statement';
import { ledgerAt, storeAt } from './store-at';

const options: ChildOptions = JSON.parse(process.argv[2] ?? '');
const { path, journal, works, handlerMs, effects, leaseMs = 3_000 } = options;

/** Written synchronously: it survives the kill. */
const note = (what: string, id: string) => appendFileSync(journal, `${what} ${process.pid} ${id}\n`);
const wasRefused = (error: unknown) => StoreError.is(error) && error.code === 'LEASE_LOST';

process.on('message', (number: number) => killAtStatement(number));

const handle = async (_event: unknown, { id }: Delivery) => {
  note('begins', id);
  await sleep(Math.random() * handlerMs);
  note('ends', id);
};

const { handler, stop } = options.ledger ? withLedger() : await withInbox();

function withLedger() {
  const ledger = ledgerAt(path, leaseMs);
  const receiver = createReceiver({
    secret,
    ledger: ledger.ledger,
    onFailure: ({ cause }, { deliveryId = '' }) => void (wasRefused(cause) && note('refused', deliveryId)),
  })
    .on('TODO_MOVED', handle)
    .on('TODO_MOVED', ledger.transaction);
  return { handler: receiver, stop: ledger.close };
}

async function withInbox() {
  const receiver = createReceiver({ secret }).on('TODO_MOVED', handle);
  const inbox = createInbox({
    receiver,
    store: storeAt(path),
    leaseMs,
    pollMs: 50,
    retry: { maxAttempts: 100, firstDelayMs: 50, maxDelayMs: 1_000 },
    onEvent(event) {
      if ('error' in event && wasRefused(event.error) && 'delivery' in event) note('refused', event.delivery.id);
      if (event.type === 'returned') note('refused', event.delivery.id);
    },
  });
  if (effects) inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => insertEffect(tx, id));
  if (works) await inbox.start();
  return { handler: inbox, stop: () => inbox.stop() };
}

const app = express().post('/webhooks/blue', blueWebhook(handler));
const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

process.on('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await stop();
  process.exit();
});
