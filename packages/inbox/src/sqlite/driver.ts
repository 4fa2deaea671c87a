import { DriverError } from '@blue-webhooks/core/adapter';
import { StoreError } from '../store-error';

/** The part of a SQLite driver that is used: the synchronous API that libsql, node:sqlite, better-sqlite3 and bun:sqlite share. */
export interface SqliteDatabase {
  /** Runs statements that return no rows. */
  exec(sql: string): unknown;
  /** Compiles one statement. */
  prepare(sql: string): SqliteStatement;
  /** Closes the file. */
  close(): unknown;
}

/** `never`, because each driver declares its parameters differently; all take strings, numbers, null and bytes. */
export interface SqliteStatement {
  /** Runs the statement. */
  run(...parameters: never[]): unknown;
  /** Runs the statement and returns its rows. */
  all(...parameters: never[]): unknown[];
}

type Open = (path: string) => SqliteDatabase;
type BuiltinSqlite = {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly: boolean }) => SqliteDatabase;
};

/**
 * Opens a file with the driver of this runtime: its own `node:sqlite`, or the package `libsql`.
 * @throws StoreError `NO_DRIVER`, which says what to install
 */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  const open = builtin() ?? (await installed());
  return open(path);
}

/**
 * Returns a function that opens a file read-only, by its `file:` URI with `mode=ro`.
 * @throws StoreError `NO_DRIVER`, which says what to install
 */
export async function openSqliteReadOnly(): Promise<Open> {
  const sqlite = builtinModule();
  return sqlite ? (uri) => new sqlite.DatabaseSync(uri, { readOnly: true }) : installed();
}

/** Present in Node from 22.13 on, in Deno and in Bun. Loaded at run time, so that no bundler tries to resolve it. */
function builtinModule(): BuiltinSqlite | undefined {
  return process.getBuiltinModule?.('node:sqlite') as BuiltinSqlite | undefined;
}

function builtin(): Open | undefined {
  const sqlite = builtinModule();
  return sqlite && ((path) => new sqlite.DatabaseSync(path));
}

async function installed(): Promise<Open> {
  try {
    const { default: Libsql } = await import('libsql');
    return (path) => new Libsql(path);
  } catch (error) {
    throw new StoreError(
      'NO_DRIVER',
      `${reasonOf(error)} Or pass a database of another driver: sqliteStore(new Database(path)).`,
      {
        cause: DriverError.from(error),
      },
    );
  }
}

/** Returns why libsql cannot be loaded, and what to do. A bundler includes its JavaScript, and leaves out its native package. */
function reasonOf(error: unknown): string {
  const message = String((error as Error | undefined)?.message);
  if (/Cannot find (package|module) '?libsql['\s]/.test(message)) {
    return 'This runtime has no node:sqlite, and libsql is not installed where it runs: npm install libsql.';
  }
  return `This runtime has no node:sqlite, and libsql cannot load its native package for ${process.platform}-${process.arch} (@libsql/…). If this code is bundled, keep libsql out of the bundle and install it where the bundle runs: esbuild --external:libsql, webpack externals: { libsql: 'commonjs libsql' }, Next.js serverExternalPackages: ['libsql']. If it is not, install libsql again on this platform, with optional dependencies.`;
}
