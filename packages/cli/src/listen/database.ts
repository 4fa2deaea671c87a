import { chmodSync, closeSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { DriverError } from '@blue-webhooks/core/adapter';
import { sqliteStore } from '@blue-webhooks/inbox';
import Libsql from 'libsql';

/** What is used of a SQLite driver: the form that node:sqlite and libsql share. */
export interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

/** `never`, because each driver declares its parameters in its own way; all take strings, numbers, null and bytes. */
export interface Statement {
  run(...parameters: never[]): unknown;
  all(...parameters: never[]): unknown[];
}

type BuiltinSqlite = {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly: boolean }) => Database;
};

/** How long a write waits for another process, in milliseconds: `inbox replay` in another terminal. */
const BUSY_MS = 2_000;
/** The write-ahead log is cut to this size, in bytes, once it is written back. */
const MAX_LOG_BYTES = 2 ** 22;

/**
 * Opens a file that only its owner may read, with Node's own SQLite (from 22.13 on) or with libsql.
 * @throws DriverError if SQLite cannot use it
 */
export function openDatabase(path: string): Database {
  closeSync(openSync(path, 'a', 0o600));
  restrictToOwner(path);
  try {
    const sqlite = builtin();
    const database: Database = sqlite ? new sqlite.DatabaseSync(path) : new Libsql(path);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    // A power cut may lose the last rows of the journal. The inbox, which must lose nothing, flushes on its own connection.
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec(`PRAGMA journal_size_limit = ${MAX_LOG_BYTES}`);
    return database;
  } catch (error) {
    throw DriverError.from(error);
  }
}

/**
 * Checks that a file is missing, empty, or was created by `listen`, and changes nothing. The inbox of an application is refused,
 * too: `listen` would handle the deliveries that wait for the application's handlers.
 * @throws Error if it is another file
 */
export async function requireOwnDatabase(path: string): Promise<void> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || (found.isFile() && found.size === 0)) return;
  await sqliteStore(path, { readOnly: true }).open();
  const isJournal = hasTable(path, 'journal_deliveries');
  if (!isJournal) throw new Error('It is the inbox of an application: pass a new file');
}

/**
 * Whether a database has a table of that name. Changes nothing, also beside the file of another program: with its write-ahead log,
 * SQLite would open the shared memory, too, or create it. So a log that does not name the table is left out.
 */
export function hasTable(path: string, name: string): boolean {
  const uri = `${pathToFileURL(path).href}?mode=ro${isLogged(path, name) ? '' : '&immutable=1'}`;
  try {
    const sqlite = builtin();
    const database: Database = sqlite ? new sqlite.DatabaseSync(uri, { readOnly: true }) : new Libsql(uri);
    const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    database.close();
    return rows.some((row) => (row as { name: unknown }).name === name);
  } catch (error) {
    throw DriverError.from(error);
  }
}

function isLogged(path: string, name: string): boolean {
  // SQLite keeps the log beside the file that a symbolic link leads to.
  const log = `${realpathSync(path)}-wal`;
  if (!statSync(log, { throwIfNoEntry: false })) return false;
  try {
    return readFileSync(log).includes(name);
  } catch {
    return true; // changed meanwhile, or too large to be read: SQLite decides
  }
}

const builtin = () => process.getBuiltinModule?.('node:sqlite') as BuiltinSqlite | undefined;

/** Sets the mode of existing files. SQLite creates the files next to a database with the database's mode. */
function restrictToOwner(path: string): void {
  const real = realpathSync(path);
  for (const file of [real, `${real}-wal`, `${real}-shm`, `${real}-journal`]) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & 0o077) !== 0) chmodSync(file, mode & 0o700);
  }
}
