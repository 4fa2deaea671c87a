import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { StoreError } from '../store-error';

const PRIVATE = 0o600;
const OTHERS = 0o077;
const beside = ['', '-wal', '-shm'];
const hasModes = process.platform !== 'win32';

/**
 * Makes sure that only its owner can read an inbox's file, which is created if there is none, and those that SQLite keeps
 * beside it. Returns what was changed.
 *
 * A file that exists is never opened here: closing it would release the locks that this process has on it (POSIX).
 * @throws StoreError `NOT_PRIVATE` if others can read it and this process may not change that
 */
export function makePrivate(path: string): readonly string[] {
  try {
    closeSync(openSync(path, 'wx', PRIVATE)); // SQLite gives the files beside it the same mode
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return hasModes ? beside.flatMap((end) => tighten(`${path}${end}`)) : [];
}

/** Returns a warning if others can read a database's files, which are left as they are. */
export function warnUnlessPrivate(path: string): readonly string[] {
  if (!hasModes || modeOf(path) === undefined) return [];
  return beside
    .filter((end) => ((modeOf(`${path}${end}`) ?? 0) & OTHERS) !== 0)
    .map((end) => `${path}${end} holds deliveries and can be read by others: its mode should be 600.`);
}

function tighten(file: string): string[] {
  const mode = modeOf(file);
  if (mode === undefined || (mode & OTHERS) === 0) return [];
  try {
    chmodSync(file, PRIVATE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new StoreError(
      'NOT_PRIVATE',
      `${file} holds deliveries and can be read by others, and its mode cannot be changed (${code}): chmod 600 it as its owner, or run as its owner.`,
    );
  }
  const now = modeOf(file) ?? PRIVATE;
  if ((now & OTHERS) !== 0) return [`${file} can be read by others: this file system keeps no modes.`];
  return [`${file} could be read by others: its mode was changed from ${mode.toString(8)} to 600.`];
}

function modeOf(file: string): number | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && stats.mode & 0o777;
}
