import { BlueApiError, type BlueClient, createBlueClient, RotationError } from '@blue-webhooks/api';
import { DriverError } from '@blue-webhooks/core/adapter';
import { type Command, Option } from 'commander';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { numberOption, urlOption } from '../options';
import { readNamed } from '../read-input';

/** The options of every command that calls Blue's API. */
export interface ApiOptions {
  readonly tokenFile?: string;
  readonly org?: string;
  readonly endpoint?: URL;
  readonly rate?: number;
  readonly json?: boolean;
}

/** Errors do not print the path: it may be the token itself, passed by mistake. */
const TOKEN_FILE = 'The file of --token-file';
const names = ['BLUE_TOKEN_ID', 'BLUE_TOKEN_SECRET', 'BLUE_ORG_ID'] as const;
const MAX_RATE = 3_000;

/** Adds the options of every command that calls Blue's API. */
export function withApiOptions(command: Command): Command {
  return withTokenOptions(command).option('--json', 'Print the result as JSON.');
}

/** Adds the options of a client. A token cannot be an option: other users could read the command line. */
export function withTokenOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--token-file <FILE>', `a file with lines such as ${names[0]}=...; the environment takes precedence`),
    )
    .option('--org <ID>', 'the id or slug of the organisation (default BLUE_ORG_ID)')
    .option(
      '--endpoint <URL>',
      "Blue's API (default BLUE_API_URL or https://api.blue.app/graphql)",
      urlOption('endpoint'),
    )
    .option(
      '--rate <N>',
      'send at most N requests per minute (default 20)',
      numberOption('rate', { min: 1, max: MAX_RATE }),
    );
}

/**
 * Creates a client with the token from the environment or a file.
 * @throws CommandError if there is none, or an option is invalid
 */
export async function connect(options: ApiOptions, { env }: Pick<Context, 'env'>): Promise<BlueClient> {
  const file = options.tokenFile === undefined ? {} : variablesIn(await readText(options.tokenFile));
  const [tokenId, tokenSecret, organization] = names.map((name) => env[name] ?? file[name]);
  const organizationId = options.org ?? organization;
  const missing = Object.entries({
    BLUE_TOKEN_ID: tokenId,
    BLUE_TOKEN_SECRET: tokenSecret,
    BLUE_ORG_ID: organizationId,
  })
    .filter(([, value]) => value === undefined || value.trim() === '')
    .map(([name]) => name);
  if (missing.length > 0) {
    throw new CommandError(
      `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing: set a personal access token of Blue in the environment, or pass --token-file FILE.`,
    );
  }
  const endpoint = options.endpoint ?? env.BLUE_API_URL;
  try {
    return createBlueClient({
      tokenId,
      tokenSecret,
      organizationId,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(options.rate === undefined ? {} : { requestsPerMinute: options.rate }),
    });
  } catch (error) {
    throw new CommandError((error as TypeError).message); // names the option, without its value
  }
}

/** Runs what calls the API. @throws CommandError for what the API, a file or an option is to blame for */
export async function calling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (BlueApiError.is(error) || error instanceof RotationError) throw new CommandError(error.message, 1);
    if (error instanceof TypeError) throw new CommandError(error.message.replaceAll('`', "'"));
    throw new CommandError(DriverError.from(error).message, 1);
  }
}

async function readText(path: string): Promise<string> {
  return Buffer.from(await readNamed(path, TOKEN_FILE)).toString();
}

const unquoted = (value: string): string =>
  value.length > 1 && /^["']/.test(value) && value.at(-1) === value[0] ? value.slice(1, -1) : value;

/** The variables of a file in the form of `.env`. */
function variablesIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [left = '', ...right] = line.split('=');
      const name = left
        .trim()
        .replace(/^export /, '')
        .trim();
      return right.length > 0 && /^BLUE_[A-Z_]+$/.test(name) ? [[name, unquoted(right.join('=').trim())]] : [];
    }),
  );
}
