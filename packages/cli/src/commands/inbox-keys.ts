import type { EncryptOptions } from '@blue-webhooks/inbox';
import { CommandError } from '../command-error';
import type { Context } from '../context';

/** The environment variable with the keys of an inbox that encrypts. */
export const KEYS_VARIABLE = 'BLUE_INBOX_KEYS';

/**
 * Returns the keys with which stored bodies are decrypted: `ID=KEY`, separated by commas. `undefined` without any.
 * @throws CommandError for another format, without quoting it
 */
export function readKeys({ env }: Pick<Context, 'env'>): EncryptOptions | undefined {
  const text = env[KEYS_VARIABLE];
  if (text === undefined || text === '') return undefined;
  const keys = text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new CommandError(`${KEYS_VARIABLE} must be ID=KEY, several separated by commas.`);
    return { id: pair.slice(0, at).trim(), key: pair.slice(at + 1).trim() };
  });
  return { keys };
}
