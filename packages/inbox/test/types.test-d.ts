import { createReceiver, type DeliveryHandler } from '@blue-webhooks/core';
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
