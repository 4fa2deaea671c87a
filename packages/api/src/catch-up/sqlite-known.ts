import { DriverError } from '@blue-webhooks/core/adapter';
import { checkedKnown } from './checked-known';
import type { KnownStore } from './known';
import { type StoredEntity, toEntity, toStored } from './stored-entity';

/** The part of a SQLite driver that is used, which libsql, node:sqlite, better-sqlite3 and bun:sqlite share. */
export interface KnownDatabase {
  /** Runs statements that return nothing. */
  exec(sql: string): unknown;
  /** Compiles one statement. */
  prepare(sql: string): KnownStatement;
}

/** `never`, because each driver declares its parameters differently. */
export interface KnownStatement {
  /** Runs it for what it changes. */
  run(...parameters: never[]): unknown;
  /** Runs it for its rows. */
  all(...parameters: never[]): unknown[];
}

type Value = string | number | null;

/** How long a write waits for a transaction of the application's, or for another process that has locked the file. */
const BUSY_MS = 4_000;
const PAUSE_MS = 25;

const columns = 'kind, id, project_id, parent_id, deleted_at_ms, row';
const schema = `
  CREATE TABLE IF NOT EXISTS blue_known (
    kind TEXT NOT NULL, id TEXT NOT NULL, project_id TEXT NOT NULL, parent_id TEXT, deleted_at_ms INTEGER, row TEXT NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS blue_known_by_project ON blue_known (kind, project_id);
  CREATE TABLE IF NOT EXISTS blue_cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL)`;

/**
 * Creates a store in a SQLite database, in two tables: `blue_known` and `blue_cursors`. While the application has a transaction
 * open on the database, writes wait, for up to 4 seconds.
 * @throws DriverError if the tables cannot be created
 */
export function sqliteKnown(database: KnownDatabase): KnownStore {
  guarded(() => database.exec(schema));
  let before: Promise<unknown> = Promise.resolve();

  const all = <T>(sql: string, ...parameters: Value[]): T[] =>
    guarded(() => database.prepare(sql).all(...(parameters as never[])) as T[]);
  const run = (sql: string, ...parameters: Value[]) => database.prepare(sql).run(...(parameters as never[]));

  /** Writes in a transaction of its own, after all earlier writes. */
  function write(work: () => void): Promise<void> {
    const result = before.then(() => whileBusy(() => inTransaction(database, work)));
    before = result.catch(() => {});
    return result;
  }

  return checkedKnown({
    async list(kind, projectId) {
      const sql = `SELECT ${columns} FROM blue_known WHERE kind = ? AND project_id = ? ORDER BY id`;
      return all<StoredEntity>(sql, kind, projectId).map(toEntity);
    },
    async get(kind, ids) {
      const sql = `SELECT ${columns} FROM blue_known WHERE kind = ? AND id = ?`;
      return ids.flatMap((id) => all<StoredEntity>(sql, kind, id).map(toEntity));
    },
    async put(entities) {
      const rows = entities.map(toStored);
      const sql = `INSERT INTO blue_known (${columns}) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (kind, id) DO UPDATE SET project_id = excluded.project_id, parent_id = excluded.parent_id,
        deleted_at_ms = excluded.deleted_at_ms, row = excluded.row`;
      await write(() => {
        for (const { kind, id, project_id, parent_id, deleted_at_ms, row } of rows) {
          run(sql, ...[kind, id, project_id, parent_id, deleted_at_ms, row]);
        }
      });
    },
    async cursor(name) {
      return all<{ value: string }>('SELECT value FROM blue_cursors WHERE name = ?', name)[0]?.value;
    },
    async setCursor(name, value) {
      const sql =
        'INSERT INTO blue_cursors (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
      await write(() => void run(sql, name, value));
    },
  });
}

/** @throws DriverError without the values, which a driver puts into its errors */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw DriverError.from(error);
  }
}

/** Rolls back only what it has begun. */
function inTransaction(database: KnownDatabase, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    try {
      database.exec('ROLLBACK');
    } catch {
      // Rolled back by SQLite itself, as on a full disk.
    }
    throw error;
  }
}

/** Does the work, and again while the database is in use. @throws DriverError */
async function whileBusy(work: () => void): Promise<void> {
  const giveUpAt = performance.now() + BUSY_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isInUse(error) || performance.now() >= giveUpAt) throw DriverError.from(error);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** Whether the application has a transaction open, or reads, or another process has locked the file. The messages are SQLite's. */
const isInUse = (error: unknown): boolean =>
  /within a transaction|busy executing a query|database (table )?is locked/.test(
    String((error as Error | undefined)?.message),
  );
