import { statSync } from 'node:fs';
import { type KnownStore, memoryKnown, sqliteKnown } from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, type Inbox, sqliteStore } from '@blue-webhooks/inbox';
import { CommandError } from '../command-error';
import { hasTable, openDatabase } from '../listen/database';
import { printable } from '../printable';

/** Opens an inbox to store in it and to count, not to handle: the process that runs the inbox does that. */
export function storingInbox(db: string): Inbox {
  return createInbox({ receiver: createReceiver({ allowUnsigned: true }), store: sqliteStore(db) });
}

/** The rows that `followKnown` has remembered, and how to close their file. */
export interface OpenKnown {
  readonly known: KnownStore;
  close(): void;
}

/**
 * Opens the file of `sqliteKnown`, or creates it, except in a dry run. Without a file, nothing is known.
 * @throws CommandError for a file that is something else, of which no byte is changed
 */
export function openKnown(file: string | undefined, { dryRun = false } = {}): OpenKnown {
  const found = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  if (file === undefined || (dryRun && !found)) return { known: memoryKnown(), close: () => {} };
  if (found && !(found.isFile() && found.size === 0) && !hasKnown(file)) {
    throw new CommandError(`${printable(file)} is not a database of sqliteKnown.`, 1);
  }
  const database = openDatabase(file);
  return { known: sqliteKnown(database), close: () => database.close() };
}

function hasKnown(file: string): boolean {
  try {
    return hasTable(file, 'blue_known');
  } catch {
    return false;
  }
}
