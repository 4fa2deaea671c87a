import type { SqliteDatabase, SqliteStatement } from './driver';

/** What drivers let a statement set: BigInts for numbers (libsql, better-sqlite3; node:sqlite), and arrays for rows (node:sqlite). */
interface Adjustable {
  safeIntegers?(isOn: boolean): unknown;
  setReadBigInts?(isOn: boolean): unknown;
  setReturnArrays?(isOn: boolean): unknown;
}

/** Compiles a statement whose rows are objects with numbers, also where the application has set its handle to something else. */
export function prepare(database: SqliteDatabase, sql: string): SqliteStatement {
  const statement = database.prepare(sql);
  const { safeIntegers, setReadBigInts, setReturnArrays } = statement as Adjustable;
  for (const set of [safeIntegers, setReadBigInts, setReturnArrays]) set?.call(statement, false);
  return statement;
}

/**
 * Returns parameters as a driver takes them. A single object, also bytes or null, is one of named parameters for libsql, which then
 * ends the process; a list holds positional ones, except for node:sqlite, which takes none.
 */
export function positional(statement: SqliteStatement, parameters: readonly unknown[]): never[] {
  const isAmbiguous = parameters.length === 1 && typeof parameters[0] === 'object';
  return (isAmbiguous && !('setReadBigInts' in statement) ? [parameters] : parameters) as never[];
}
