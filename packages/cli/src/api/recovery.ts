import { type KnownStore, memoryKnown, sqliteKnown } from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, type Inbox, sqliteStore } from '@blue-webhooks/inbox';
import { openDatabase } from '../listen/database';

/** Opens an inbox to store in it and to count, not to handle: the process that runs the inbox does that. */
export function storingInbox(db: string): Inbox {
  return createInbox({ receiver: createReceiver({ allowUnsigned: true }), store: sqliteStore(db) });
}

/** The rows that `followKnown` has remembered, and how to close their file. */
export interface OpenKnown {
  readonly known: KnownStore;
  close(): void;
}

/** Opens the file of `sqliteKnown`; without one, nothing is known. */
export function openKnown(file: string | undefined): OpenKnown {
  if (file === undefined) return { known: memoryKnown(), close: () => {} };
  const database = openDatabase(file);
  return { known: sqliteKnown(database), close: () => database.close() };
}
