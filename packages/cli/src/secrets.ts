import { Option } from 'commander';
import { CommandError } from './command-error';
import type { Context } from './context';
import { readNamed } from './read-input';

export const SECRET_VARIABLE = 'BLUE_WEBHOOK_SECRET';

/** Errors do not print the path: it may be the secret itself, passed by mistake. */
const SECRET_FILE = 'The file of --secret-file';

/** A webhook's secret, and where it comes from: an environment variable or a file, which may be printed. */
export interface NamedSecret {
  readonly id: string;
  readonly secret: string;
}

/** Returns the option for files that hold secrets: on the command line itself, other users of the machine could read them. */
export const secretFileOption = () =>
  new Option(
    '--secret-file <FILE>',
    `a file that contains the webhook's secret; repeat it for several secrets (in addition to ${SECRET_VARIABLE})`,
  ).argParser((file: string, files: readonly string[] = []) => [...files, file]);

/**
 * Returns the secrets as they are stored, including whitespace around them.
 * @throws CommandError if a file cannot be read, or no secret is configured
 */
export async function readStoredSecrets(
  files: readonly string[] | undefined,
  { env }: Pick<Context, 'env'>,
): Promise<readonly NamedSecret[]> {
  const named = await Promise.all(
    (files ?? []).map(async (id) => ({ id, secret: Buffer.from(await readNamed(id, SECRET_FILE)).toString() })),
  );
  const fromEnvironment = env[SECRET_VARIABLE];
  if (fromEnvironment !== undefined) named.push({ id: SECRET_VARIABLE, secret: fromEnvironment });
  const blank = named.find(({ secret }) => secret.trim() === '');
  if (blank) throw new CommandError(`The secret from ${blank.id} is empty: anyone can sign with an empty secret.`);
  if (named.length > 0) return named;
  throw new CommandError(
    `No secret is configured: set ${SECRET_VARIABLE} or pass --secret-file FILE. createWebhook returns the secret once.`,
  );
}

/** Returns the secrets without the line break that editors and `echo` add at the end of a file. */
export async function readSecrets(
  files: readonly string[] | undefined,
  context: Pick<Context, 'env'>,
): Promise<readonly [NamedSecret, ...NamedSecret[]]> {
  const stored = await readStoredSecrets(files, context);
  return stored.map(({ id, secret }) => ({
    id,
    secret: id === SECRET_VARIABLE ? secret : secret.replace(/\r?\n$/, ''),
  })) as unknown as readonly [NamedSecret, ...NamedSecret[]];
}
