import { count, DriverError } from '@blue-webhooks/core/adapter';
import { checkedStore } from '../checked-store';
import { storeErrorOf } from '../inbox-event';
import { flag } from '../settings';
import type { InboxStore } from '../store';
import { StoreError } from '../store-error';
import { isPassing } from './busy';
import type { Connection } from './connection';
import type { SqliteDatabase } from './driver';
import { type Connected, connectHandle, connectPath, type SqliteOptions } from './file-connection';
import { methodsOn } from './methods';
import { readOnlyStore } from './read-only-store';
import type { SqliteTransaction } from './transaction';

/**
 * Stores deliveries in a SQLite file on a local disk, which several processes of one machine can share. Acknowledged
 * deliveries are on the disk: they survive a crash of the process and a power cut.
 *
 * A path is opened with `node:sqlite` if the runtime has it, otherwise with the package `libsql`, and made readable for its owner only.
 * Instead of a path, pass an open database of `better-sqlite3`, `bun:sqlite` or a similar driver, and close it yourself. The handle should
 * be the inbox's own: while the application has a transaction open on it, deliveries wait, and are answered 503 after
 * `busyTimeoutMs`. Its pragmas stay as they are.
 * @throws TypeError if it is neither, and for a database in memory
 */
export function sqliteStore(
  source: string | SqliteDatabase,
  options: SqliteOptions = {},
): InboxStore<SqliteTransaction> {
  requireSource(source);
  const busyTimeoutMs = count('busyTimeoutMs', options.busyTimeoutMs ?? 4_000, 2 ** 31 - 1);
  const readOnly = flag('readOnly', options.readOnly ?? false);
  return checkedStore(
    readOnly ? readOnlyStore(requirePath(source), busyTimeoutMs) : writableStore(source, busyTimeoutMs),
  );
}

function writableStore(source: string | SqliteDatabase, busyTimeoutMs: number): InboxStore<SqliteTransaction> {
  let opened: Promise<Connected> | undefined;
  let warnings: readonly string[] = [];

  async function connect(): Promise<Connected> {
    try {
      const connected = await (typeof source === 'string'
        ? connectPath(source, busyTimeoutMs)
        : connectHandle(source, busyTimeoutMs));
      warnings = connected.warnings;
      return connected;
    } catch (error) {
      opened = undefined;
      throw cannotOpen(error);
    }
  }

  function open(): Promise<Connected> {
    opened ??= connect();
    return opened;
  }

  /** Opens the file when necessary, and again after a failure that waiting does not cure: it may have been repaired since. */
  async function using<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const current = open();
    const { connection, close } = await current;
    try {
      return await work(connection);
    } catch (error) {
      if (opened === current && !isPassing(error)) {
        opened = undefined;
        closeQuietly(close);
      }
      throw storeErrorOf(error);
    }
  }

  return {
    get warnings() {
      return warnings;
    },
    async open() {
      await open();
    },
    ...methodsOn(using),
    async close() {
      const closing = opened;
      opened = undefined;
      const current = await closing?.catch(() => undefined);
      await current?.connection.write(() => {}).catch(() => {}); // earlier writes come first
      current?.close();
    },
  };
}

/** Returns an error that says that the inbox cannot be opened, and why. */
function cannotOpen(error: unknown): StoreError {
  if (StoreError.is(error)) return error;
  const cause = DriverError.from(error);
  const code = /not a database/.test(cause.message) ? 'NOT_AN_INBOX' : 'CANNOT_OPEN';
  return new StoreError(code, `The inbox cannot be opened: ${cause.message}`, { cause });
}

function closeQuietly(close: () => void): void {
  try {
    close();
  } catch {
    // It is closed when the process ends.
  }
}

function requirePath(source: string | SqliteDatabase): string {
  if (typeof source === 'string') return source;
  throw new TypeError("readOnly needs a path: sqliteStore('blue-inbox.db', { readOnly: true }).");
}

function requireSource(source: unknown): void {
  if (typeof source === 'string') {
    if (source !== '' && !source.startsWith(':memory:')) return;
    throw new TypeError('sqliteStore needs the path of a file. For a test without a file use memoryStore().');
  }
  const { exec, prepare } = (source ?? {}) as Partial<SqliteDatabase>;
  if (typeof exec === 'function' && typeof prepare === 'function') return;
  throw new TypeError("sqliteStore needs the path of a file, or an open database: sqliteStore('blue-inbox.db').");
}
