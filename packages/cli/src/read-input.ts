import { readFile } from 'node:fs/promises';
import { CommandError } from './command-error';
import type { Context } from './context';
import { printable } from './printable';

/**
 * A body's bytes: of a file, or of what is piped in where none is named (or `-`).
 * @throws CommandError if it cannot be read
 */
export async function readInput(path: string | undefined, { stdin }: Pick<Context, 'stdin'>): Promise<Uint8Array> {
  if (path !== undefined && path !== '-') return readNamed(path);
  if (stdin.isTTY) throw new CommandError('Name a file that holds the body, or pipe the body in.');
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @throws CommandError if the file cannot be read */
export async function readNamed(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(`${printable(path)} cannot be read: ${whyNot(error)}`);
  }
}

function whyNot(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file.';
  if (code === 'EISDIR') return 'it is a folder.';
  if (code === 'EACCES' || code === 'EPERM') return 'you may not read it.';
  return printable(message);
}
