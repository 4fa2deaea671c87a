import { resolve } from 'node:path';
import { DriverError } from '@blue-webhooks/core/adapter';
import { StoreError, storeErrorOf } from '../store-error';
import { isPassing } from './busy';
import type { Connection } from './connection';
import type { SqliteDatabase } from './driver';
import { type Connected, connectHandle, connectPath } from './file-connection';
import type { Tables } from './schema';

/** A database that is opened when it has to be. */
export interface Opening {
  /** What an operator should know, once it is open. */
  readonly warnings: readonly string[];
  /** @throws StoreError if it cannot be opened */
  open(): Promise<void>;
  /** Opens it when necessary, and again after a failure that waiting does not cure: it may have been repaired since. */
  using<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Closes a file that was opened by its path, after the writes that are under way. */
  close(): Promise<void>;
}

/** Prepares to open a file by its path, or to use an open handle, with tables that are brought up to date. */
export function createOpening(given: string | SqliteDatabase, tables: Tables, busyTimeoutMs: number): Opening {
  // Resolved now: opened again after a `process.chdir`, a relative path would lead to another file.
  const source = typeof given === 'string' ? resolve(given) : given;
  let opened: Promise<Connected> | undefined;
  let warnings: readonly string[] = [];

  async function connect(): Promise<Connected> {
    try {
      const connected = await (typeof source === 'string'
        ? connectPath(source, tables, busyTimeoutMs)
        : connectHandle(source, tables, busyTimeoutMs));
      warnings = connected.warnings;
      return connected;
    } catch (error) {
      opened = undefined;
      throw cannotOpen(error, tables);
    }
  }

  function open(): Promise<Connected> {
    opened ??= connect();
    return opened;
  }

  return {
    get warnings() {
      return warnings;
    },
    async open() {
      await open();
    },
    async using(work) {
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
    },
    async close() {
      const closing = opened;
      opened = undefined;
      const current = await closing?.catch(() => undefined);
      await current?.connection.write(() => {}).catch(() => {}); // earlier writes come first
      current?.close();
    },
  };
}

/** Returns an error that says that the database cannot be opened, and why. */
function cannotOpen(error: unknown, { owner }: Tables): StoreError {
  if (StoreError.is(error)) return error;
  const cause = DriverError.from(error);
  const code = /not a database/.test(cause.message) ? 'NOT_AN_INBOX' : 'CANNOT_OPEN';
  return new StoreError(code, `The ${owner} cannot be opened: ${cause.message}`, { cause });
}

function closeQuietly(close: () => void): void {
  try {
    close();
  } catch {
    // It is closed when the process ends.
  }
}

/**
 * Returns the path or the handle that a function was passed.
 * @throws TypeError with an example, unless it is the path of a file, or an open database
 */
export function requireSource(example: string, source: unknown): string | SqliteDatabase {
  const [name] = example.split('(');
  if (typeof source === 'string') {
    if (source === '' || source.startsWith(':memory:')) {
      const inMemory = name === 'sqliteStore' ? 'memoryStore()' : 'memoryLedger()';
      throw new TypeError(`${name} needs the path of a file. For a test without a file use ${inMemory}.`);
    }
    // Drivers differ in which of them they open, and where; the file would not be the one that is made private.
    if (!/^file:|:\/\//i.test(source)) return source;
    throw new TypeError(`${name} needs the path of a file, not a URL: ${example}.`);
  }
  const { exec, prepare } = (source ?? {}) as Partial<SqliteDatabase>;
  if (typeof exec === 'function' && typeof prepare === 'function') return source as SqliteDatabase;
  throw new TypeError(`${name} needs the path of a file, or an open database: ${example}.`);
}
