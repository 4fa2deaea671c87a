import type { Connection, SqliteValue } from '../sqlite/connection';
import type { SqliteDatabase } from '../sqlite/driver';
import { inboxTables, migrate } from '../sqlite/schema';
import type { Transactions } from '../sqlite/transactions';
import type { DurableObjectStorage } from './state';

/** Called in the transaction of each write. What it returns is awaited. */
export type OnWrite = (connection: Connection) => Promise<void> | undefined;

/** Half of what Cloudflare stores: https://developers.cloudflare.com/durable-objects/platform/limits/#sqlite-backed-durable-objects-general-limits */
const MAX_VALUE_BYTES = 1_000_000;

/** The rest of bodies that are larger than a value may be. */
const parts = `
  CREATE TABLE IF NOT EXISTS blue_body_parts (
    seq INTEGER NOT NULL,
    place INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (seq, place)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER IF NOT EXISTS blue_body_parts_out AFTER DELETE ON blue_bodies BEGIN
    DELETE FROM blue_body_parts WHERE seq = old.seq;
  END;
`;

/** What this process has opened, of the objects that it runs. */
const opened = new WeakSet<DurableObjectStorage>();

/** Brings the schema of an object's database up to date, and sets the alarm if a delivery waits: an alarm can be lost. */
export function connectStorage(storage: DurableObjectStorage, onWrite: OnWrite): Connection {
  const database = databaseOf(storage);
  const connection = connectionOf(storage, database, onWrite);
  storage.transactionSync(() => {
    migrate(database, surrounding, inboxTables);
    database.exec(parts);
    if (!opened.has(storage)) database.exec(takeOver);
    onWrite(connection)?.catch(() => {}); // storage that fails here fails in the call that opens it
  });
  opened.add(storage);
  return connection;
}

/** Cloudflare runs an object once at a time: what is active when it starts was begun by an instance that has ended. */
const takeOver = `
  UPDATE blue_deliveries SET state = 'waiting', due_at = 0, lease = NULL, lease_ms = NULL, beat = NULL WHERE state = 'active'
`;

/** `transactionSync` has begun, and commits or rolls back. */
const surrounding: Transactions = { begin() {}, commit() {}, rollBack() {} };

/** workerd refuses statements that a comment follows. */
const comments = /--.*$/gm;

/** The SQLite of an object as a driver. It prepares each statement once by itself. */
function databaseOf({ sql }: DurableObjectStorage): SqliteDatabase {
  const rows = (query: string, parameters: never[]) => sql.exec(query, ...parameters).toArray();
  return {
    exec: (query) => rows(query.replace(comments, '').trim(), []),
    prepare: (query) => ({
      run: (...parameters) => rows(query, parameters),
      all: (...parameters) => rows(query, parameters),
    }),
    close() {},
  };
}

function connectionOf(storage: DurableObjectStorage, database: SqliteDatabase, onWrite: OnWrite): Connection {
  const connection: Connection = {
    maxValueBytes: MAX_VALUE_BYTES,
    all<Row>(query: string, ...parameters: SqliteValue[]): Row[] {
      try {
        return database.prepare(query).all(...(parameters as never[])) as Row[];
      } catch (error) {
        if (isTooBig(error) && !/^\s*INSERT/.test(query)) return []; // nothing that is stored equals it
        throw error;
      }
    },
    run: (query, ...parameters) => void database.prepare(query).run(...(parameters as never[])),
    prepare: (query) => database.prepare(query),
    async write(work) {
      let following: Promise<void> | undefined;
      const result = storage.transactionSync(() => {
        const written = work();
        following = onWrite(connection);
        return written;
      });
      await Promise.all([following, storage.sync()]);
      return result;
    },
    undoable(work) {
      try {
        storage.transactionSync(() => {
          if (!work()) throw undo;
        });
      } catch (error) {
        if (error !== undo) throw error;
      }
    },
    read: async (work) => work(),
    emptyLog: async () => true, // the files are Cloudflare's
  };
  return connection;
}

const undo = new Error('The work of a transaction is undone.');

const isTooBig = (error: unknown): boolean => /too big/i.test(String((error as Error | undefined)?.message));
