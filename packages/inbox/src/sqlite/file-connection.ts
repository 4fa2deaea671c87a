import { statSync } from 'node:fs';
import { StoreError } from '../store-error';
import { whileBusy } from './busy';
import type { Connection, SqliteValue } from './connection';
import { openSqlite, type SqliteDatabase, type SqliteStatement } from './driver';
import { GroupCommit } from './group-commit';
import { makePrivate, warnUnlessPrivate } from './privacy';
import { migrate } from './schema';
import { configure, ownTransactions, sharedTransactions, type Transactions } from './transactions';

/** Options of `sqliteStore`. */
export interface SqliteOptions {
  /**
   * How long a call waits while another process has locked the file, or the application has a transaction open on the handle,
   * in milliseconds. Defaults to 4,000.
   */
  readonly busyTimeoutMs?: number | undefined;
  /**
   * Opens an existing inbox to be read (`list`, `get`, `stats`): nothing is written, no file is created or migrated, and a
   * file that is not an inbox is refused with a `StoreError`. Defaults to `false`.
   */
  readonly readOnly?: boolean | undefined;
}

/** An open file whose schema is up to date. */
class FileConnection implements Connection {
  readonly #database: SqliteDatabase;
  readonly #busyTimeoutMs: number;
  readonly #commits: GroupCommit;
  readonly #statements = new Map<string, SqliteStatement>();

  /** @param requireFile throws if the path no longer leads to the open file */
  constructor(
    database: SqliteDatabase,
    transactions: Transactions,
    busyTimeoutMs: number,
    requireFile: () => void = () => {},
  ) {
    this.#database = database;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#commits = new GroupCommit(transactions, busyTimeoutMs, requireFile);
  }

  all<Row>(sql: string, ...parameters: SqliteValue[]): Row[] {
    return this.#prepared(sql).all(...(parameters as never[])) as Row[];
  }

  prepare(sql: string): SqliteStatement {
    return this.#database.prepare(sql);
  }

  run(sql: string, ...parameters: SqliteValue[]): void {
    this.#prepared(sql).run(...(parameters as never[]));
  }

  /** Resolves once the work is flushed to the disk, with what others have written meanwhile. */
  write<T>(work: () => T): Promise<T> {
    return this.#commits.write(work);
  }

  undoable(work: () => boolean): void {
    this.run('SAVEPOINT blue_undoable');
    if (!work()) this.run('ROLLBACK TO blue_undoable');
    this.run('RELEASE blue_undoable');
  }

  read<T>(work: () => T): Promise<T> {
    return whileBusy(this.#busyTimeoutMs, work);
  }

  /** Each statement is prepared once: most run for every delivery. */
  #prepared(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** A connection, how to close it, and what an operator should know. */
export interface Connected {
  readonly connection: Connection;
  readonly close: () => void;
  readonly warnings: readonly string[];
}

/** Opens a file, and brings its schema up to date. */
export async function connectPath(path: string, busyTimeoutMs: number): Promise<Connected> {
  const warnings = makePrivate(path);
  const database = await openSqlite(path);
  const transactions = ownTransactions(database);
  try {
    await whileBusy(busyTimeoutMs, () => {
      configure(database);
      if (switchToWal(database) !== 'wal') throw notWal();
      migrate(database, transactions);
    });
  } catch (error) {
    database.close();
    throw error;
  }
  const connection = new FileConnection(database, transactions, busyTimeoutMs, watchFile(path));
  return { connection, close: () => void database.close(), warnings };
}

/**
 * Brings the schema of an application's database handle up to date. Its settings stay as they are; the application closes it.
 * @throws StoreError `NOT_WAL` if it has other tables and no write-ahead log
 */
export async function connectHandle(database: SqliteDatabase, busyTimeoutMs: number): Promise<Connected> {
  const transactions = sharedTransactions(database);
  await whileBusy(busyTimeoutMs, () => {
    if (journalModeOf(database) !== 'wal') {
      if (!isEmpty(database)) throw otherTables();
      if (switchToWal(database) !== 'wal') throw notWal();
    }
    migrate(database, transactions);
  });
  const connection = new FileConnection(database, transactions, busyTimeoutMs);
  return { connection, close: () => {}, warnings: pathsOf(database).flatMap(warnUnlessPrivate) };
}

/** Returns a function that throws if the path no longer leads to this file: writes to a deleted file are lost. */
function watchFile(path: string): () => void {
  const { dev, ino } = statSync(path);
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.dev === dev && now.ino === ino) return;
    throw new StoreError('FILE_REPLACED', 'The file of the inbox was deleted or replaced while it was open.');
  };
}

const journalModeOf = (database: SqliteDatabase, pragma = 'PRAGMA journal_mode'): unknown =>
  (database.prepare(pragma).all() as { journal_mode: unknown }[])[0]?.journal_mode;

const switchToWal = (database: SqliteDatabase) => journalModeOf(database, 'PRAGMA journal_mode = WAL');

const isEmpty = (database: SqliteDatabase) =>
  database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').all().length === 0;

/** The file of the main database; none where it is in memory. */
function pathsOf(database: SqliteDatabase): string[] {
  const databases = database.prepare('PRAGMA database_list').all() as { name: unknown; file: unknown }[];
  const main = databases.find(({ name }) => name === 'main')?.file;
  return typeof main === 'string' && main !== '' ? [main] : [];
}

const notWal = () =>
  new StoreError(
    'NOT_WAL',
    'The inbox needs a database in a file on a local disk: SQLite cannot keep a write-ahead log for this one.',
  );

const otherTables = () =>
  new StoreError(
    'NOT_WAL',
    "The database handle has other tables and no write-ahead log, which the inbox needs and does not switch on by itself: run PRAGMA journal_mode = WAL on it, or give the inbox a file of its own: sqliteStore('blue-inbox.db').",
  );
