import { chmodSync, closeSync, openSync, realpathSync, statSync } from 'node:fs';
import { StoreError } from '../store-error';

const PRIVATE = 0o600;
const OTHERS = 0o077;
const beside = ['', '-wal', '-shm', '-journal'];
const hasModes = process.platform !== 'win32';

/**
 * Makes an inbox's file readable for its owner only, with its -wal, -shm and -journal, and creates it if it does not exist. Returns
 * warnings about what was changed.
 *
 * A file that exists is never opened here: closing it would release the locks that this process has on it (POSIX).
 * @throws StoreError `NOT_PRIVATE` if others can read it and this process may not change that; `CANNOT_OPEN` if it is not a file
 */
export function makePrivate(path: string): readonly string[] {
  try {
    closeSync(openSync(path, 'wx', PRIVATE)); // SQLite gives the files beside it the same mode
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // The mode of a folder, or of /dev/null, is not ours to change.
    if (!statSync(path).isFile())
      throw new StoreError('CANNOT_OPEN', `${path} is not a file: pass the path of a file.`);
  }
  if (!hasModes) return [];
  const file = realpathSync(path); // SQLite keeps its files beside the file that a symbolic link leads to
  return beside.flatMap((end) => tighten(`${file}${end}`));
}

/** Returns a warning if others can read a database's files, which are not changed. */
export function warnUnlessPrivate(path: string): readonly string[] {
  const open = beside.map((end) => `${path}${end}`).filter((file) => ((modeOf(file) ?? 0) & OTHERS) !== 0);
  if (!hasModes || open.length === 0) return [];
  return [`Others can read the deliveries in ${open.join(', ')}: change the mode to 600.`];
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
      `Others can read the deliveries in ${file}, and this process cannot change its mode (${code}): chmod it to 600 as its owner.`,
    );
  }
  const now = modeOf(file) ?? PRIVATE;
  if ((now & OTHERS) !== 0) return [`Others can read the deliveries in ${file}: this file system keeps no modes.`];
  return [`Others could read the deliveries in ${file}: its mode was changed from ${mode.toString(8)} to 600.`];
}

function modeOf(file: string): number | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && stats.mode & 0o777;
}
