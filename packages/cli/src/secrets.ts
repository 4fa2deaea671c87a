import { CommandError } from './command-error';
import type { Context } from './context';
import { readNamed } from './read-input';

export const SECRET_VARIABLE = 'BLUE_WEBHOOK_SECRET';

/** A webhook's secret and where it comes from, which may be shown. */
export interface NamedSecret {
  readonly id: string;
  readonly secret: string;
}

/** The option for files that hold secrets; on the command line itself, others would see them. */
export const secretOption = { 'secret-file': { type: 'string', multiple: true } } as const;

export const secretHelp = `  --secret-file FILE  a file that holds the webhook's secret; several times for several secrets
                      (besides, the environment variable ${SECRET_VARIABLE})`;

/**
 * The secrets as they are stored, with whatever whitespace is around them.
 * @throws CommandError if a file cannot be read, or there is no secret at all
 */
export async function readStoredSecrets(
  files: readonly string[] | undefined,
  { env }: Pick<Context, 'env'>,
): Promise<readonly NamedSecret[]> {
  const named = await Promise.all(
    (files ?? []).map(async (id) => ({ id, secret: Buffer.from(await readNamed(id)).toString() })),
  );
  const fromEnvironment = env[SECRET_VARIABLE];
  if (fromEnvironment !== undefined) named.push({ id: SECRET_VARIABLE, secret: fromEnvironment });
  const blank = named.find(({ secret }) => secret.trim() === '');
  if (blank) throw new CommandError(`The secret of ${blank.id} is empty, and anyone can sign with that.`);
  if (named.length > 0) return named;
  throw new CommandError(
    `There is no secret: set ${SECRET_VARIABLE}, or pass --secret-file FILE. It is what createWebhook returned, once.`,
  );
}

/** The same, without the line break that editors and `echo` put at the end of a file. */
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
