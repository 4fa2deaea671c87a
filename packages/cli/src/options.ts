import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CommandError } from './command-error';
import { didYouMean } from './nearest';
import { printable } from './printable';

type OptionTable = NonNullable<ParseArgsConfig['options']>;

/**
 * The options and names that were typed after a command.
 * @throws CommandError that says what is wrong with them
 */
export function parseOptions<const Options extends OptionTable>(
  command: string,
  args: readonly string[],
  options: Options,
  maxNames = 0,
) {
  const { values, positionals } = parsed(command, args, options);
  const surplus = positionals[maxNames];
  if (surplus !== undefined) {
    throw new CommandError(`'${printable(surplus, 60)}' is too much: see blue-webhooks ${command} --help.`);
  }
  return { values, names: positionals };
}

function parsed<const Options extends OptionTable>(command: string, args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new CommandError(reasonOf(error, command, Object.keys(options)));
  }
}

function reasonOf(error: unknown, command: string, names: readonly string[]): string {
  const { message } = error as Error;
  const unknown = /^Unknown option '(.+?)'/.exec(message)?.[1];
  if (unknown === undefined) return `${printable(message.split('\n')[0] as string)}${/[.?]$/.test(message) ? '' : '.'}`;
  const known = names.map((name) => `--${name}`);
  const hint = didYouMean(unknown, known) || ` See blue-webhooks ${command} --help.`;
  return `${command} has no option ${printable(unknown, 60)}.${hint}`;
}

/**
 * A number that was typed.
 * @throws CommandError unless it is one within the bounds
 */
export function numberOf(
  name: string,
  text: string | undefined,
  { min, max, whole = true }: { readonly min: number; readonly max: number; readonly whole?: boolean },
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new CommandError(
    `--${name} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not '${printable(text, 40)}'.`,
  );
}

export const portOf = (name: string, text: string | undefined) => numberOf(name, text, { min: 0, max: 65_535 });

/**
 * A URL that was typed.
 * @throws CommandError unless it is an HTTP URL without credentials
 */
export function urlOf(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new CommandError(
      `${name} must be a URL such as http://localhost:3000/webhooks/blue, not '${printable(text, 80)}'.`,
    );
  }
  if (url.username || url.password) throw new CommandError(`${name} must carry no user name and password.`);
  return url;
}
