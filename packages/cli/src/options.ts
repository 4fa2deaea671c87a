import { CommandError } from './command-error';
import { printable } from './printable';

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Whether it must be an integer. Defaults to `true`. */
  readonly integer?: boolean;
}

/**
 * Returns a parser for the value of an option that takes a number.
 * @throws CommandError unless it is a number within the bounds
 */
export function numberOption(name: string, { min, max, integer = true }: Bounds): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max && (!integer || Number.isInteger(value))) return value;
    const kind = integer ? 'an integer' : 'a number';
    throw new CommandError(`--${name} must be ${kind} from ${min} to ${max}, got '${printable(text, 40)}'.`);
  };
}

/** Returns a parser for the value of an option that takes a port; 0 is any free one. */
export const portOption = (name: string) => numberOption(name, { min: 0, max: 65_535 });

/** Quotes an invalid URL, unless it may contain a password. */
const shown = (text: string) => (text.includes('@') ? 'one with credentials' : `'${printable(text, 80)}'`);

/**
 * Returns a parser for the value of an option that takes a URL.
 * @throws CommandError unless it is an HTTP URL without credentials
 */
export function urlOption(name: string): (text: string) => URL {
  return (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new CommandError(
        `--${name} must be a URL such as http://localhost:3000/webhooks/blue, got ${shown(text)}.`,
      );
    }
    if (url.username || url.password) throw new CommandError(`--${name} must not contain a user name or password.`);
    return url;
  };
}
