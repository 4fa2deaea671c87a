import { count } from '@blue-webhooks/core/adapter';
import { checkedStore } from '../checked-store';
import { flag } from '../settings';
import type { InboxStore } from '../store';
import type { SqliteDatabase } from './driver';
import type { SqliteOptions } from './file-connection';
import { methodsOn } from './methods';
import { createOpening, requireSource } from './opening';
import { readOnlyStore } from './read-only-store';
import { inboxTables } from './schema';
import type { SqliteTransaction } from './transaction';

/**
 * Stores deliveries in a SQLite file on a local disk, which several processes of one machine can share. Acknowledged
 * deliveries are on the disk: they survive a crash of the process and a power cut.
 *
 * A path is opened with `node:sqlite` if the runtime has it, otherwise with the package `libsql`, and made readable for its owner only.
 * Instead of a path, pass an open database of `better-sqlite3`, `bun:sqlite` or a similar driver, and close it yourself. The handle should
 * be the inbox's own: while the application has a transaction open on it, deliveries wait, and are answered 503 after
 * `busyTimeoutMs`. Its pragmas stay as they are.
 * @throws TypeError if it is neither, for a URL, and for a database in memory
 */
export function sqliteStore(
  source: string | SqliteDatabase,
  options: SqliteOptions = {},
): InboxStore<SqliteTransaction> {
  requireSource("sqliteStore('blue-inbox.db')", source);
  const busyTimeoutMs = count('busyTimeoutMs', options.busyTimeoutMs ?? 4_000, 2 ** 31 - 1);
  const readOnly = flag('readOnly', options.readOnly ?? false);
  return checkedStore(
    readOnly ? readOnlyStore(requirePath(source), busyTimeoutMs) : writableStore(source, busyTimeoutMs),
  );
}

function writableStore(source: string | SqliteDatabase, busyTimeoutMs: number): InboxStore<SqliteTransaction> {
  const opening = createOpening(source, inboxTables, busyTimeoutMs);
  return {
    get warnings() {
      return opening.warnings;
    },
    open: opening.open,
    ...methodsOn(opening.using),
    close: opening.close,
  };
}

function requirePath(source: string | SqliteDatabase): string {
  if (typeof source === 'string') return source;
  throw new TypeError("readOnly needs a path: sqliteStore('blue-inbox.db', { readOnly: true }).");
}
