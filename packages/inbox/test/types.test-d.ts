import { createReceiver, type DeliveryHandler } from '@blue-webhooks/core';
import { traceAttempts } from '@blue-webhooks/core/otel';
import DatabaseLibsql from 'libsql';
import { createInbox, type Inbox, type InboxEvent, type InboxStore, memoryStore, sqliteStore } from '../src/index';

const receiver = createReceiver({ secret: 'a secret' });
const store: InboxStore = memoryStore();
const inbox: Inbox = createInbox({ receiver, store });

// Adapters take it as they take a receiver.
export const handler: DeliveryHandler = inbox;

// Databases of drivers are taken as they are typed.
sqliteStore(new DatabaseLibsql('inbox.db'));

// @ts-expect-error a store is needed: nothing is kept in memory by default
createInbox({ receiver });
// @ts-expect-error a receiver is needed
createInbox({ store });
// @ts-expect-error a handler that stores nothing itself is no receiver
createInbox({ receiver: handler, store });
// @ts-expect-error no such order
createInbox({ receiver, store, order: 'fifo' });
// @ts-expect-error no such state
inbox.list({ state: 'lost' });

// What happened narrows by its type.
export function describe(event: InboxEvent): string {
  if (event.type === 'retried') return `${event.entry.id} again at ${event.retryAt.toISOString()}`;
  // @ts-expect-error only a retry has a time
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
  onEvent: undefined,
  onDead: undefined,
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
inbox.prune({ olderThan: undefined, dead: undefined });
inbox.replay({ state: 'dead', event: undefined });

// What links attempts to their receipt is core's; a name is the handler's.
createInbox({ receiver, store, tracing: traceAttempts() });
receiver.on('TODO_MOVED', { name: 'crm' }, ({ currentValue }) => currentValue.id);
receiver.onUnknown({ name: 'all' }, ({ payload }) => payload);
// @ts-expect-error a workspace is no option for what says nowhere that it belongs to one
receiver.onUnknown({ project: 'p1' }, () => {});

// An error of the store is one of ours.
export function codeOf(event: InboxEvent): string | undefined {
  return event.type === 'store-failed' ? event.error.code : undefined;
}
