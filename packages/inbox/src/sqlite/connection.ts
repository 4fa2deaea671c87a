import { closeSync, openSync, statSync } from 'node:fs';
import { whileBusy } from './busy';
import { openSqlite, type SqliteDatabase, type SqliteStatement } from './driver';
import { GroupCommit } from './group-commit';
import { migrate } from './schema';

export type SqliteValue = string | number | null | Uint8Array;

/** How a file is used that other processes may use, too. */
export interface SqliteOptions {
  /** How long a write waits for another process that has locked the file, in milliseconds; 4,000 unless told. */
  readonly busyTimeoutMs?: number | undefined;
  /**
   * Opens an existing inbox to be read (`list`, `get`, `stats`): nothing is written, no file is created or migrated, and a
   * file that is not an inbox is refused with a `StoreError`. Defaults to `false`.
   */
  readonly readOnly?: boolean | undefined;
}

/** SQLite itself waits only for a moment, since that blocks the process; longer waits are ours. */
const BLOCKING_WAIT_MS = 20;

/** An open file, its schema up to date. */
export class Connection {
  readonly #database: SqliteDatabase;
  readonly #busyTimeoutMs: number;
  readonly #commits: GroupCommit;
  readonly #statements = new Map<string, SqliteStatement>();

  /** @param requireFile throws when what would be written could not be found again */
  constructor(database: SqliteDatabase, busyTimeoutMs: number, requireFile: () => void) {
    this.#database = database;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#commits = new GroupCommit(database, busyTimeoutMs, requireFile);
  }

  /** The rows that a statement returns. */
  all<Row>(sql: string, ...parameters: SqliteValue[]): Row[] {
    return this.#prepared(sql).all(...(parameters as never[])) as Row[];
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

  /** Prepared once: most statements run for every delivery. */
  #prepared(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Opens a file, or makes a database that was handed in ready, and brings its schema up to date. */
export async function connect(
  source: string | SqliteDatabase,
  busyTimeoutMs: number,
): Promise<{ readonly connection: Connection; readonly close: () => void }> {
  if (typeof source !== 'string') {
    await whileBusy(busyTimeoutMs, () => prepare(source));
    return { connection: new Connection(source, busyTimeoutMs, () => {}), close: () => {} }; // whoever opened it closes it
  }
  closeSync(openSync(source, 'a', 0o600)); // SQLite gives the files beside it the same mode
  const database = await openSqlite(source);
  try {
    await whileBusy(busyTimeoutMs, () => prepare(database));
  } catch (error) {
    database.close();
    throw error;
  }
  const connection = new Connection(database, busyTimeoutMs, watchFile(source));
  return { connection, close: () => void database.close() };
}

/** Tells whether a path still leads to the file that is there now: a deleted one can be written to, and is lost. */
function watchFile(path: string): () => void {
  const { dev, ino } = statSync(path);
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.dev === dev && now.ino === ino) return;
    throw new Error('The file of the inbox was deleted or replaced while it was open.');
  };
}

function prepare(database: SqliteDatabase): void {
  database.exec(`PRAGMA busy_timeout = ${BLOCKING_WAIT_MS}`);
  const [mode] = database.prepare('PRAGMA journal_mode = WAL').all() as { journal_mode: unknown }[];
  if (mode?.journal_mode !== 'wal') {
    throw new Error(
      'The inbox needs a database in a file on a local disk: SQLite cannot keep a write-ahead log for this one.',
    );
  }
  // FULL flushes the log at every commit; the other makes a Mac flush its disk's cache as well, and changes nothing elsewhere.
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA fullfsync = ON');
  migrate(database);
}
