import { readFile } from 'node:fs/promises';
import { CommandError } from './command-error';
import type { Context } from './context';
import { printable } from './printable';

/**
 * Reads a body's bytes from a file, or from standard input if there is no path or it is `-`.
 * @throws CommandError if it cannot be read
 */
export async function readInput(path: string | undefined, { stdin }: Pick<Context, 'stdin'>): Promise<Uint8Array> {
  if (path !== undefined && path !== '-') return readNamed(path);
  if (stdin.isTTY) throw new CommandError('Pass a file that contains the body, or pipe the body to standard input.');
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Reads a file.
 * @param label what the error calls the file. Defaults to its path.
 * @throws CommandError if the file cannot be read
 */
export async function readNamed(path: string, label = path): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(`${printable(label)} cannot be read: ${whyNot(error)}`);
  }
}

function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'the file does not exist.';
  if (code === 'EISDIR') return 'it is a folder.';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied.';
  return printable(code ?? message);
}
