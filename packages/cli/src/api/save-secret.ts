import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import type { OnSecret } from '@blue-webhooks/api';
import { CommandError } from '../command-error';
import { printable } from '../printable';

const exists = (file: string) =>
  access(file, constants.F_OK).then(
    () => true,
    () => false,
  );

/**
 * Checks that a secret can be written before anything is created.
 * @throws CommandError if the file exists: it may contain a secret that is in use
 */
export async function requireNewFile(file: string): Promise<void> {
  if (await exists(file)) throw new CommandError(`${printable(file)} exists: pass a new file to --save-secret.`);
}

/** Returns what writes a new webhook's secret to a new file that only its owner can read, on the disk before it resolves. */
export function savingTo(file: string): OnSecret {
  return async ({ secret }) => {
    const handle = await open(file, 'wx', 0o600).catch(({ code }: NodeJS.ErrnoException) => {
      const reason = code === 'EEXIST' ? 'exists' : `cannot be written (${code})`;
      throw new CommandError(`${printable(file)} ${reason}, so the new webhook was deleted again.`, 1);
    });
    try {
      await handle.writeFile(`${secret}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
}
