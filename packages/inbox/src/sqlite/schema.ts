import { StoreError } from '../store-error';
import type { SqliteDatabase } from './driver';
import { limiting } from './limiting';
import { pausing } from './pausing';
import type { Transactions } from './transactions';

/** Each migration brings the schema one version further. Append; never change one that was released. */
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

/**
 * Brings the schema up to date.
 * @throws StoreError `NEWER_INBOX` if a newer version of this package wrote it
 */
export function migrate(database: SqliteDatabase, transactions: Transactions): void {
  if (versionOf(database) === migrations.length) return;
  transactions.begin();
  try {
    database.exec(
      'CREATE TABLE IF NOT EXISTS blue_inbox_version (version INTEGER PRIMARY KEY, applied_at INTEGER) STRICT',
    );
    const version = versionOf(database);
    if (version > migrations.length) {
      throw newer(version);
    }
    for (const [place, migration] of migrations.entries()) {
      if (place < version) continue;
      database.exec(migration);
      database.exec(`INSERT INTO blue_inbox_version VALUES (${place + 1}, ${Date.now()})`);
    }
    transactions.commit();
  } catch (error) {
    transactions.rollBack();
    throw error;
  }
}

const tables = ['blue_inbox_version', 'blue_deliveries', 'blue_bodies', 'blue_digests', 'blue_counts'];

/**
 * Checks that a database holds an inbox that this version can read, and writes nothing.
 * @throws StoreError `NOT_AN_INBOX` or `NEWER_INBOX`
 */
export function requireInbox(database: SqliteDatabase, path: string): void {
  const refusal = (reason: string) => new StoreError('NOT_AN_INBOX', `${path} is not an inbox database: ${reason}.`);
  let found: unknown[];
  try {
    found = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  } catch (error) {
    if (error instanceof Error && /not a database|malformed/.test(error.message))
      throw refusal('SQLite cannot read it');
    throw error;
  }
  const names = new Set(found.map((row) => (row as { name: unknown }).name));
  if (!tables.every((name) => names.has(name))) throw refusal('it has no deliveries');
  const version = versionOf(database);
  if (version > migrations.length) throw newer(version);
}

function newer(version: number): StoreError {
  return new StoreError(
    'NEWER_INBOX',
    `The inbox is of version ${version}, written by a newer @blue-webhooks/inbox; this one reads version ${migrations.length}. Update the package.`,
  );
}

function versionOf(database: SqliteDatabase): number {
  const known = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'blue_inbox_version'").all().length > 0;
  if (!known) return 0;
  const [row] = database.prepare('SELECT max(version) AS version FROM blue_inbox_version').all();
  return Number((row as { version: unknown }).version ?? 0);
}
