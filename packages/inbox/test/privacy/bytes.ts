import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Returns a title that is nowhere else, and short enough not to be removed from the errors that quote it. */
export const newTitle = (): string => `Zażółć ${crypto.randomUUID().slice(0, 18)}`;

/** Returns those of the texts that the bytes of a file, or of all files of a folder, contain. */
export function found(path: string, texts: readonly string[]): string[] {
  if (!existsSync(path)) return [];
  const stats = statSync(path);
  if (stats.isDirectory()) {
    const inside = new Set(readdirSync(path).flatMap((name) => found(join(path, name), texts)));
    return texts.filter((text) => inside.has(text));
  }
  if (!stats.isFile()) return []; // a socket
  const bytes = readFileSync(path);
  return texts.filter((text) => bytes.includes(text));
}

/** The same in a SQLite file, its write-ahead log and its shared memory. */
export function foundInDatabase(path: string, texts: readonly string[]): string[] {
  const inside = new Set(['', '-wal', '-shm'].flatMap((end) => found(`${path}${end}`, texts)));
  return texts.filter((text) => inside.has(text));
}
