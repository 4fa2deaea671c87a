import { closeSync, openSync } from 'node:fs';
import Libsql from 'libsql';

/** What is used of a SQLite driver: the form that node:sqlite and libsql share. */
export interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

/** `never`, because each driver declares its parameters in its own way; all take texts, numbers, null and bytes. */
export interface Statement {
  run(...parameters: never[]): unknown;
  all(...parameters: never[]): unknown[];
}

type BuiltinSqlite = { readonly DatabaseSync: new (path: string) => Database };

/** How long a write waits for another process, in milliseconds: `inbox replay` in another terminal. */
const BUSY_MS = 2_000;

/** Opens a file that only its owner may read, with Node's own SQLite (from 22.13 on) or with libsql. */
export function openDatabase(path: string): Database {
  closeSync(openSync(path, 'a', 0o600)); // SQLite gives the files beside it the same mode
  const sqlite = process.getBuiltinModule?.('node:sqlite') as BuiltinSqlite | undefined;
  const database: Database = sqlite ? new sqlite.DatabaseSync(path) : new Libsql(path);
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  // A power cut may lose the last lines of this journal; what must not be lost is the inbox's, which flushes by itself.
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = NORMAL');
  return database;
}
