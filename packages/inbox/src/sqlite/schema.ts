import { StoreError } from '../store-error';
import type { SqliteDatabase } from './driver';
import { limiting } from './limiting';
import { pausing } from './pausing';
import { prepare } from './statements';
import type { Transactions } from './transactions';

/** Tables in a SQLite file, with a version of their own. */
export interface Tables {
  /** Whose tables they are. */
  readonly owner: 'inbox' | 'ledger';
  /** The table that lists the versions. */
  readonly version: string;
  /** Each brings the tables one version further. Append; never change one that was released. */
  readonly migrations: readonly string[];
}

const migrations = [
  `
  CREATE TABLE blue_deliveries (
    seq INTEGER PRIMARY KEY,          -- order of arrival
    id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    entity_id TEXT,
    entity_updated_at INTEGER,        -- this and all times in milliseconds since 1970
    webhook_id TEXT,
    lane TEXT,
    state TEXT NOT NULL,              -- held, waiting, active, done, skipped, dead
    attempts INTEGER NOT NULL DEFAULT 0,
    received_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL DEFAULT 0, -- 0: immediately
    finished_at INTEGER,
    last_error TEXT,
    lease TEXT,                       -- while active: the token, how long the lease lasts, and a counter of its renewals
    lease_ms INTEGER,
    beat INTEGER,
    signature TEXT NOT NULL,          -- whether there was one: verified, unsigned
    secret_id TEXT
  ) STRICT;

  -- Separate, so that lists and changes of state do not read and write bodies.
  CREATE TABLE blue_bodies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;

  -- The ids of deleted deliveries, by which duplicates are recognised.
  CREATE TABLE blue_digests (id TEXT PRIMARY KEY, received_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  -- How many deliveries are in each state: counting a million rows takes long.
  CREATE TABLE blue_counts (state TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO blue_counts VALUES ('held', 0), ('waiting', 0), ('active', 0), ('done', 0), ('skipped', 0), ('dead', 0);
  CREATE TRIGGER blue_counts_in AFTER INSERT ON blue_deliveries BEGIN
    UPDATE blue_counts SET count = count + 1 WHERE state = new.state;
  END;
  CREATE TRIGGER blue_counts_between AFTER UPDATE OF state ON blue_deliveries BEGIN
    UPDATE blue_counts SET count = count - 1 WHERE state = old.state;
    UPDATE blue_counts SET count = count + 1 WHERE state = new.state;
  END;
  CREATE TRIGGER blue_counts_out AFTER DELETE ON blue_deliveries BEGIN
    UPDATE blue_counts SET count = count - 1 WHERE state = old.state;
  END;

  CREATE INDEX blue_by_state ON blue_deliveries (state, received_at);
  CREATE INDEX blue_by_event ON blue_deliveries (event, received_at);
  CREATE INDEX blue_by_entity ON blue_deliveries (entity_id, received_at);
  CREATE INDEX blue_by_time ON blue_deliveries (received_at);
  CREATE INDEX blue_ready ON blue_deliveries (due_at, received_at) WHERE state = 'waiting';
  CREATE INDEX blue_lanes ON blue_deliveries (lane, state) WHERE state IN ('held', 'waiting', 'active');
  CREATE INDEX blue_digests_by_time ON blue_digests (received_at);
  `,
  `
  ALTER TABLE blue_deliveries ADD COLUMN trace TEXT;   -- of the receipt
  ALTER TABLE blue_deliveries ADD COLUMN handled TEXT; -- a JSON array: the names of the handlers that have succeeded
  `,
  pausing,
  limiting,
];

/** The tables of `sqliteStore`. */
export const inboxTables: Tables = { owner: 'inbox', version: 'blue_inbox_version', migrations };

/**
 * Brings tables up to date.
 * @throws StoreError `NEWER_INBOX` if a newer version of this package wrote them
 */
export function migrate(database: SqliteDatabase, transactions: Transactions, tables: Tables): void {
  if (versionOf(database, tables) === tables.migrations.length) return;
  transactions.begin();
  try {
    database.exec(
      `CREATE TABLE IF NOT EXISTS ${tables.version} (version INTEGER PRIMARY KEY, applied_at INTEGER) STRICT`,
    );
    const version = versionOf(database, tables);
    if (version > tables.migrations.length) throw newer(version, tables);
    for (const [place, migration] of tables.migrations.entries()) {
      if (place < version) continue;
      database.exec(migration);
      database.exec(`INSERT INTO ${tables.version} VALUES (${place + 1}, ${Date.now()})`);
    }
    transactions.commit();
  } catch (error) {
    transactions.rollBack();
    throw error;
  }
}

const tablesOfAnInbox = ['blue_inbox_version', 'blue_deliveries', 'blue_bodies', 'blue_digests', 'blue_counts'];

/** Returns whether a database has the tables of an inbox. */
export function namesInbox(database: SqliteDatabase): boolean {
  const found = prepare(database, "SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const names = new Set(found.map((row) => (row as { name: unknown }).name));
  return tablesOfAnInbox.every((name) => names.has(name));
}

export const notInbox = (path: string, reason: string): StoreError =>
  new StoreError('NOT_AN_INBOX', `${path} is not an inbox database: ${reason}.`);

/**
 * Checks that a database holds an inbox that this version can read, and writes nothing.
 * @throws StoreError `NOT_AN_INBOX` or `NEWER_INBOX`
 */
export function requireInbox(database: SqliteDatabase, path: string): void {
  let isInbox: boolean;
  try {
    isInbox = namesInbox(database);
  } catch (error) {
    if (/not a database|malformed/.test(String((error as Error | undefined)?.message)))
      throw notInbox(path, 'SQLite cannot read it');
    throw error;
  }
  if (!isInbox) throw notInbox(path, 'it has no deliveries');
  const version = versionOf(database, inboxTables);
  if (version > migrations.length) throw newer(version, inboxTables);
}

function newer(version: number, { owner, migrations: { length } }: Tables): StoreError {
  return new StoreError(
    'NEWER_INBOX',
    `The ${owner} is of version ${version}, written by a newer @blue-webhooks/inbox; this one reads version ${length}. Update the package.`,
  );
}

function versionOf(database: SqliteDatabase, tables: Tables): number {
  const known = prepare(database, `SELECT 1 FROM sqlite_schema WHERE name = '${tables.version}'`).all().length > 0;
  if (!known) return 0;
  const [row] = prepare(database, `SELECT max(version) AS version FROM ${tables.version}`).all();
  return Number((row as { version: unknown }).version ?? 0);
}
