/** What is needed of a SQLite driver: the synchronous form that libsql, node:sqlite, better-sqlite3 and bun:sqlite share. */
export interface SqliteDatabase {
  /** Runs statements that return nothing. */
  exec(sql: string): unknown;
  /** Compiles one statement. */
  prepare(sql: string): SqliteStatement;
  /** Lets go of the file. */
  close(): unknown;
}

/** `never`, because each driver declares its parameters in its own way; all take texts, numbers, null and bytes. */
export interface SqliteStatement {
  /** Runs it for what it changes. */
  run(...parameters: never[]): unknown;
  /** Runs it for its rows. */
  all(...parameters: never[]): unknown[];
}

type Open = (path: string) => SqliteDatabase;
type BuiltinSqlite = {
  readonly DatabaseSync: new (path: string, options?: { readonly readOnly: boolean }) => SqliteDatabase;
};

/**
 * Opens a file with the driver that this runtime has: its own `node:sqlite`, or the package `libsql`.
 * @throws Error that says what to install
 */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  const open = builtin() ?? (await installed());
  return open(path);
}

/**
 * Returns what opens a file to be read, by its `file:` URI with `mode=ro`.
 * @throws Error that says what to install
 */
export async function openSqliteReadOnly(): Promise<Open> {
  const sqlite = builtinModule();
  return sqlite ? (uri) => new sqlite.DatabaseSync(uri, { readOnly: true }) : installed();
}

/** Node from 22.13 on, and Deno. Asked for at run time, so that no bundler looks for it in vain. */
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
  } catch (cause) {
    throw new Error(
      'This runtime has no node:sqlite, and libsql cannot be loaded: npm install libsql, or hand a driver in: sqliteStore(new Database(path)).',
      { cause },
    );
  }
}
