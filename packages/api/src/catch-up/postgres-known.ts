import { DriverError } from '@blue-webhooks/core/adapter';
import { checkedKnown } from './checked-known';
import type { KnownStore } from './known';
import { type StoredEntity, toEntity, toStored } from './stored-entity';

/** What is used of a PostgreSQL client: a `Pool` of `pg` fits, and so does PGlite. Each call is one statement. */
export interface KnownPool {
  /** Runs one statement on any connection. */
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

/** Where in a database the rows are kept. */
export interface PostgresKnownOptions {
  /** The name of the schema, which is created. Defaults to `blue_webhooks`, which `postgresStore` of the inbox uses as well. */
  readonly schema?: string | undefined;
}

const MAX_NAME_LENGTH = 63;

/**
 * Creates a store in PostgreSQL 13 or later, for processes on any number of machines, in two tables: `known` and `cursors`. They
 * are created when the store is first used. Close the pool yourself.
 *
 * @example
 * followKnown(receiver, postgresKnown(new pg.Pool({ connectionString: process.env.DATABASE_URL })));
 * @throws TypeError if `pool` has no method `query`, or for an invalid schema name
 */
export function postgresKnown(pool: KnownPool, options: PostgresKnownOptions = {}): KnownStore {
  if (typeof (pool as Partial<KnownPool> | null)?.query !== 'function') {
    throw new TypeError('postgresKnown needs a pool: postgresKnown(new pg.Pool({ connectionString })).');
  }
  const schema = quoted(options.schema ?? 'blue_webhooks');
  const [table, cursors] = [`${schema}.known`, `${schema}.cursors`];
  let prepared: Promise<unknown> | undefined;

  async function send<T>(text: string, ...values: (string | null)[]): Promise<T[]> {
    try {
      return (await pool.query(text, values)).rows as T[];
    } catch (error) {
      throw DriverError.from(error);
    }
  }

  async function prepare(): Promise<void> {
    const sql = 'SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL AS present';
    const [found] = await send<{ present: boolean }>(sql, table, cursors);
    if (!found?.present) await send(creation(schema));
  }

  async function run<T>(text: string, ...values: (string | null)[]): Promise<T[]> {
    prepared ??= prepare().catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    await prepared;
    return send<T>(text, ...values);
  }

  const columns = 'kind, id, project_id, parent_id, deleted_at_ms';
  // As text, so that a NUL character in it, which a text of PostgreSQL cannot hold, stays escaped.
  const selected = `SELECT kind, id, project_id, parent_id, deleted_at_ms::float8, "row"::text FROM ${table} WHERE kind = $1`;
  return checkedKnown({
    list: async (kind, projectId) =>
      (await run<StoredEntity>(`${selected} AND project_id = $2 ORDER BY id COLLATE "C"`, kind, projectId)).map(
        toEntity,
      ),
    async get(kind, ids) {
      if (ids.length === 0) return [];
      const sql = `${selected} AND id IN (SELECT json_array_elements_text($2::text::json))`;
      const found = new Map(
        (await run<StoredEntity>(sql, kind, JSON.stringify(ids))).map((row) => [row.id, toEntity(row)]),
      );
      return ids.flatMap((id) => found.get(id) ?? []);
    },
    async put(entities) {
      // Of two rows of one entity the last: a statement cannot change a row twice. Sorted, so that no two statements wait for each other.
      const last = new Map(entities.map((entity) => [`${entity.kind} ${entity.id}`, toStored(entity)]));
      if (last.size === 0) return;
      await run(
        `INSERT INTO ${table} (${columns}, "row")
         SELECT ${columns}, "row"::json FROM json_to_recordset($1::text::json) AS one
           (kind text, id text, project_id text, parent_id text, deleted_at_ms bigint, "row" text) ORDER BY kind, id
         ON CONFLICT (kind, id) DO UPDATE SET project_id = excluded.project_id, parent_id = excluded.parent_id,
           deleted_at_ms = excluded.deleted_at_ms, "row" = excluded."row"`,
        JSON.stringify([...last.values()]),
      );
    },
    cursor: async (name) =>
      (await run<{ value: string }>(`SELECT value FROM ${cursors} WHERE name = $1`, name))[0]?.value,
    async setCursor(name, value) {
      await run(
        `INSERT INTO ${cursors} (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        ...[name, value],
      );
    },
  });
}

/** @throws TypeError for a name that PostgreSQL would cut off, and for one with other characters than letters, digits, `_` and `-` */
function quoted(schema: unknown): string {
  if (typeof schema === 'string' && schema.length <= MAX_NAME_LENGTH && /^[a-z_][a-z0-9_-]*$/i.test(schema)) {
    return `"${schema}"`;
  }
  throw new TypeError(
    'schema must consist of ASCII letters, digits, _ and -, start with a letter or _, and have at most 63 characters.',
  );
}

/** Creates the tables under a lock, which the inbox takes as well: any number of processes may start at the same time. */
const creation = (schema: string): string => `DO $create$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('${schema}', 1));
  IF to_regnamespace('${schema}') IS NULL THEN CREATE SCHEMA ${schema}; END IF;
  CREATE TABLE IF NOT EXISTS ${schema}.known (
    kind text NOT NULL, id text NOT NULL, project_id text NOT NULL, parent_id text, deleted_at_ms bigint, "row" json NOT NULL,
    PRIMARY KEY (kind, id));
  CREATE INDEX IF NOT EXISTS known_by_project ON ${schema}.known (kind, project_id);
  CREATE TABLE IF NOT EXISTS ${schema}.cursors (name text PRIMARY KEY, value text NOT NULL);
END $create$`;
