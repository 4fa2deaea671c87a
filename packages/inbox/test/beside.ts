import Libsql from 'libsql';
import { onTestFinished } from 'vitest';
import type { SqliteDatabase } from '../src/index';

interface Builtin {
  readonly DatabaseSync: new (path: string) => SqliteDatabase;
}

/**
 * Another program on the same file. It uses the driver that a path is opened with: two copies of SQLite in one process do not
 * see each other's locks.
 */
export function openBeside(path: string): SqliteDatabase {
  const builtin = process.getBuiltinModule?.('node:sqlite' as 'node:fs') as unknown as Builtin | undefined;
  const database = builtin ? new builtin.DatabaseSync(path) : new Libsql(path);
  onTestFinished(() => {
    try {
      database.close();
    } catch {
      // The test has closed it.
    }
  });
  return database;
}
