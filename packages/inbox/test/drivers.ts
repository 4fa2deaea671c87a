import Libsql from 'libsql';
import type { SqliteDatabase } from '../src/index';

const hasBuiltin = process.getBuiltinModule?.('node:sqlite' as 'node:fs') !== undefined;

/**
 * The drivers of this runtime: the one that opens a path and, if that is not libsql, a handle of libsql. For the others run
 * npm run check:long -- inbox runtimes
 */
export const drivers: readonly { name: string; create: (path: string) => string | SqliteDatabase }[] = [
  { name: 'a path', create: (path) => path },
  ...(hasBuiltin ? [{ name: 'a database of libsql', create: (path: string) => new Libsql(path) }] : []),
];
