import Libsql from 'libsql';
import type { SqliteDatabase } from '../src/index';

const hasBuiltin = process.getBuiltinModule?.('node:sqlite' as 'node:fs') !== undefined;

/**
 * The drivers that this runtime has: what a user gets for a path and, where that is not libsql, a database of libsql that is
 * handed in. Others: npm run check:inbox -- runtimes
 */
export const drivers: readonly { name: string; create: (path: string) => string | SqliteDatabase }[] = [
  { name: 'a path', create: (path) => path },
  ...(hasBuiltin ? [{ name: 'a database of libsql', create: (path: string) => new Libsql(path) }] : []),
];
