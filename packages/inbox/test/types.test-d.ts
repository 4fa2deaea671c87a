import { createReceiver, type DeliveryHandler } from '@blue-webhooks/core';
import { traceAttempts } from '@blue-webhooks/core/otel';
import DatabaseLibsql from 'libsql';
import pg from 'pg';
import {
  createInbox,
  type Inbox,
  type InboxEvent,
  type InboxStore,
  memoryStore,
  sqliteLedger,
  sqliteStore,
} from '../src/index';
import { postgresLedger } from '../src/postgres';

const receiver = createReceiver({ secret: 'a secret' });
const store: InboxStore = memoryStore();
const inbox: Inbox = createInbox({ receiver, store });

// Adapters take an inbox in place of a receiver.
export const handler: DeliveryHandler = inbox;

// Drivers' own types are accepted.
sqliteStore(new DatabaseLibsql('inbox.db'));

// @ts-expect-error a store is required
createInbox({ receiver });
// @ts-expect-error a receiver is required
createInbox({ store });
// @ts-expect-error an inbox is not a receiver
createInbox({ receiver: handler, store });
// @ts-expect-error unknown order
createInbox({ receiver, store, order: 'fifo' });
// @ts-expect-error unknown state
inbox.list({ state: 'lost' });

// Events narrow by their type.
export function describe(event: InboxEvent): string {
  if (event.type === 'retried') return `${event.delivery.id} again at ${event.retryAt.toISOString()}`;
  // @ts-expect-error only `retried` has a time
  return event.retryAt;
}

// Every option accepts undefined, also under exactOptionalPropertyTypes: `process.env.X ? … : undefined` is common.
createInbox({
  receiver,
  store,
  order: undefined,
  skipStale: undefined,
  pollMs: undefined,
  concurrency: undefined,
  retry: { maxAttempts: undefined, firstDelayMs: undefined, maxDelayMs: undefined, jitter: undefined },
  timeoutMs: undefined,
  leaseMs: undefined,
  retentionMs: undefined,
  dedupeMs: undefined,
  tracing: undefined,
  unhandled: undefined,
  onEvent: undefined,
  onDeadLetter: undefined,
});
createInbox({ receiver, store, retry: undefined });
sqliteStore('inbox.db', { busyTimeoutMs: undefined, readOnly: undefined });
inbox.stop({ timeoutMs: undefined });
inbox.list({
  state: undefined,
  event: undefined,
  entityId: undefined,
  since: undefined,
  limit: undefined,
  cursor: undefined,
});
inbox.prune({ olderThan: undefined, deadLetters: undefined });
inbox.replay({ state: 'dead', event: undefined });

// traceAttempts fits, and handlers can be named.
createInbox({ receiver, store, tracing: traceAttempts() });
receiver.on('TODO_MOVED', { name: 'crm' }, ({ currentValue }) => currentValue.id);
receiver.onUnknown({ name: 'all' }, ({ payload }) => payload);
// @ts-expect-error onUnknown has no workspace filter
receiver.onUnknown({ project: 'p1' }, () => {});

// The error of a store is a StoreError or a DriverError.
export function codeOf(event: InboxEvent): string | undefined {
  return event.type === 'store-failed' ? event.error.code : undefined;
}

// The handler of a ledger's transaction has the event of its name, and the transaction of the database.
const pool = new pg.Pool();
const inPostgres = postgresLedger(pool, { schema: undefined, ttlMs: undefined, leaseMs: undefined });
createReceiver({ secret: 'a secret', ledger: inPostgres })
  .on(
    'TODO_CREATED',
    inPostgres.transaction(async (event, tx, { leaseToken }) => {
      const { rows } = await tx.query<{ n: number }>('SELECT 1 AS n', [event.currentValue.id]);
      // @ts-expect-error a created record has no previous state
      event.previousValue.id;
      return [rows[0]?.n, leaseToken satisfies string | undefined];
    }),
  )
  .on('TODO_MOVED', async ({ currentValue }, { id, leaseToken }) => {
    const client = await pool.connect();
    (await inPostgres.finish(id, leaseToken, { tx: client })) satisfies 'finished';
    return currentValue.id;
  });

const inSqlite = sqliteLedger('app.db', { busyTimeoutMs: undefined });
createReceiver({ secret: 'a secret', ledger: inSqlite }).on(
  ['TODO_CREATED', 'TODO_MOVED'],
  inSqlite.transaction((event, tx) => {
    tx.run('INSERT INTO orders VALUES (?)', event.currentValue.id);
    // @ts-expect-error it is a transaction of SQLite
    tx.query('SELECT 1');
  }),
);
inSqlite.finish('id', 'token', { tx: new DatabaseLibsql('app.db') }) satisfies 'finished';
