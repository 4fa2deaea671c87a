import { statSync } from 'node:fs';
import { StoreError } from '../store-error';
import { whileBusy } from './busy';
import { openSqlite, type SqliteDatabase, type SqliteStatement } from './driver';
import { GroupCommit } from './group-commit';
import { makePrivate, warnUnlessPrivate } from './privacy';
import { migrate, type Tables } from './schema';
import { configure, ownTransactions, sharedTransactions, type Transactions } from './transactions';

export type SqliteValue = string | number | null | Uint8Array;

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
export class Connection {
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

  /** Returns the rows of a statement. */
  all<Row>(sql: string, ...parameters: SqliteValue[]): Row[] {
    return this.#prepared(sql).all(...(parameters as never[])) as Row[];
  }

  /** Prepares a statement of somebody else's, which is not kept. */
  prepare(sql: string): SqliteStatement {
    return this.#database.prepare(sql);
  }

  run(sql: string, ...parameters: SqliteValue[]): void {
    this.#prepared(sql).run(...(parameters as never[]));
  }

  /** Runs the work in a transaction that it shares with others; resolves once it is flushed to the disk. */
  write<T>(work: () => T): Promise<T> {
    return this.#commits.write(work);
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

/** Opens a file, and brings tables in it up to date. */
export async function connectPath(path: string, tables: Tables, busyTimeoutMs: number): Promise<Connected> {
  const warnings = makePrivate(path);
  const database = await openSqlite(path);
  const transactions = ownTransactions(database);
  try {
    await whileBusy(busyTimeoutMs, () => {
      configure(database);
      if (switchToWal(database) !== 'wal') throw notWal();
      migrate(database, transactions, tables);
    });
  } catch (error) {
    database.close();
    throw error;
  }
  const connection = new Connection(database, transactions, busyTimeoutMs, watchFile(path));
  return { connection, close: () => void database.close(), warnings };
}

/**
 * Brings tables in the database of an application's handle up to date. Its settings stay as they are; the application closes it.
 * @throws StoreError `NOT_WAL` if it has other tables and no write-ahead log
 */
export async function connectHandle(
  database: SqliteDatabase,
  tables: Tables,
  busyTimeoutMs: number,
): Promise<Connected> {
  const transactions = sharedTransactions(database);
  await whileBusy(busyTimeoutMs, () => {
    if (journalModeOf(database) !== 'wal') {
      if (!isEmpty(database)) throw otherTables();
      if (switchToWal(database) !== 'wal') throw notWal();
    }
    migrate(database, transactions, tables);
  });
  const connection = new Connection(database, transactions, busyTimeoutMs);
  return { connection, close: () => {}, warnings: pathsOf(database).flatMap(warnUnlessPrivate) };
}

/** Returns a function that throws if the path no longer leads to this file: writes to a deleted file are lost. */
function watchFile(path: string): () => void {
  const { dev, ino } = statSync(path);
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.dev === dev && now.ino === ino) return;
    throw new StoreError('FILE_REPLACED', 'The database file was deleted or replaced while it was open.');
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
    'The database must be in a file on a local disk: SQLite cannot keep a write-ahead log for this one.',
  );

const otherTables = () =>
  new StoreError(
    'NOT_WAL',
    'The database handle has other tables and no write-ahead log, which is required and is not switched on here: run PRAGMA journal_mode = WAL on it, or pass the path of a file of its own.',
  );
