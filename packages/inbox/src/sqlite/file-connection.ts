import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../store-error';
import { isBusy, isInUse, whileBusy } from './busy';
import type { Connection, SqliteValue } from './connection';
import { openSqlite, type SqliteDatabase, type SqliteStatement } from './driver';
import { GroupCommit } from './group-commit';
import { makePrivate, warnUnlessPrivate } from './privacy';
import { migrate, type Tables } from './schema';
import { positional, prepare } from './statements';
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

const LOG_PAUSE_MS = 25;

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
    const statement = this.#database.prepare(sql);
    return {
      run: (...parameters) => statement.run(...positional(statement, parameters)),
      all: (...parameters) => statement.all(...positional(statement, parameters)),
    };
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

  /**
   * Writes the write-ahead log into the database and cuts it to nothing. Returns whether that succeeded within `busyTimeoutMs`: another
   * connection that reads an earlier state prevents it.
   */
  async emptyLog(): Promise<boolean> {
    const giveUpAt = performance.now() + this.#busyTimeoutMs;
    for (;;) {
      if (this.#tryEmptyLog()) return true;
      if (performance.now() >= giveUpAt) return false;
      await sleep(LOG_PAUSE_MS);
    }
  }

  #tryEmptyLog(): boolean {
    try {
      const [row] = this.all<{ busy: unknown }>('PRAGMA wal_checkpoint(TRUNCATE)');
      return Number(row?.busy) === 0;
    } catch (error) {
      if (isBusy(error) || isInUse(error)) return false;
      throw error;
    }
  }

  /** Each statement is prepared once: most run for every delivery. */
  #prepared(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = prepare(this.#database, sql);
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
  const connection = new FileConnection(database, transactions, busyTimeoutMs, watchFile(path));
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
  const connection = new FileConnection(database, transactions, busyTimeoutMs);
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
  (prepare(database, pragma).all() as { journal_mode: unknown }[])[0]?.journal_mode;

const switchToWal = (database: SqliteDatabase) => journalModeOf(database, 'PRAGMA journal_mode = WAL');

const isEmpty = (database: SqliteDatabase) =>
  prepare(database, 'SELECT 1 FROM sqlite_schema LIMIT 1').all().length === 0;

/** The file of the main database; none where it is in memory. */
function pathsOf(database: SqliteDatabase): string[] {
  const databases = prepare(database, 'PRAGMA database_list').all() as { name: unknown; file: unknown }[];
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
