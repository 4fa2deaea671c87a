import { DriverError } from '@blue-webhooks/core/adapter';
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

/**
 * Creates a store in a SQLite database, in two tables: `blue_known` and `blue_cursors`.
 * @throws DriverError if the tables cannot be created
 */
export function sqliteKnown(database: KnownDatabase): KnownStore {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw DriverError.from(error);
    }
  };
  guarded(() =>
    database.exec(`CREATE TABLE IF NOT EXISTS blue_known (
      kind TEXT NOT NULL, id TEXT NOT NULL, project_id TEXT NOT NULL, parent_id TEXT, deleted_at_ms INTEGER, row TEXT NOT NULL,
      PRIMARY KEY (kind, id)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS blue_known_by_project ON blue_known (kind, project_id);
      CREATE TABLE IF NOT EXISTS blue_cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL)`),
  );
  const all = <T>(sql: string, ...parameters: Value[]): T[] =>
    guarded(() => database.prepare(sql).all(...(parameters as never[])) as T[]);
  const run = (sql: string, ...parameters: Value[]) => database.prepare(sql).run(...(parameters as never[]));
  const columns = 'kind, id, project_id, parent_id, deleted_at_ms, row';

  return {
    list: async (kind, projectId) =>
      all<StoredEntity>(
        `SELECT ${columns} FROM blue_known WHERE kind = ? AND project_id = ? ORDER BY id`,
        kind,
        projectId,
      ).map(toEntity),
    get: async (kind, ids) =>
      ids.flatMap((id) =>
        all<StoredEntity>(`SELECT ${columns} FROM blue_known WHERE kind = ? AND id = ?`, kind, id).map(toEntity),
      ),
    async put(entities) {
      guarded(() => {
        database.exec('BEGIN IMMEDIATE');
        try {
          for (const { kind, id, project_id, parent_id, deleted_at_ms, row } of entities.map(toStored)) {
            run(
              `INSERT INTO blue_known (${columns}) VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT (kind, id) DO UPDATE SET project_id = excluded.project_id, parent_id = excluded.parent_id,
               deleted_at_ms = excluded.deleted_at_ms, row = excluded.row`,
              ...[kind, id, project_id, parent_id, deleted_at_ms, row],
            );
          }
          database.exec('COMMIT');
        } catch (error) {
          database.exec('ROLLBACK');
          throw error;
        }
      });
    },
    cursor: async (name) => all<{ value: string }>('SELECT value FROM blue_cursors WHERE name = ?', name)[0]?.value,
    async setCursor(name, value) {
      const sql =
        'INSERT INTO blue_cursors (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
      guarded(() => run(sql, name, value));
    },
  };
}
