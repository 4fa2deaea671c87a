import Libsql from 'libsql';
import type { SqliteDatabase } from '../src/index';

/** The drivers that this runtime has: what a user gets for a path, and databases that are handed in. */
export const drivers: readonly { name: string; create: (path: string) => string | SqliteDatabase }[] = [
  { name: 'a path', create: (path) => path },
  { name: 'a database of libsql', create: (path) => new Libsql(path) },
];
