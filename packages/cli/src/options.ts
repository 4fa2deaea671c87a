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

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Returns a parser for the value of an option that takes a past time: how long ago, or when.
 * @throws CommandError unless it is one
 */
export function pastOption(name: string): (text: string) => Date {
  return (text) => {
    const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
    const isTime = /^\d{4}-\d\d-\d\d/.test(text);
    const time = new Date(
      amount === undefined ? (isTime ? text : '') : Date.now() - Number(amount) * (UNIT_MS[unit] ?? 0),
    );
    if (Number.isFinite(time.getTime()) && time.getTime() <= Date.now()) return time;
    throw new CommandError(
      `--${name} must be a past time such as 90m, 2h, 3d or 2026-01-31T08:00:00Z, got '${printable(text, 40)}'.`,
    );
  };
}

/**
 * Returns a parser for the value of an option that takes a list, separated by commas.
 * @throws CommandError if it is empty
 */
export function listOption(name: string): (text: string) => readonly string[] {
  return (text) => {
    const list = text.split(',').map((each) => each.trim());
    if (list.every((each) => each !== '')) return list;
    throw new CommandError(`--${name} must be a list separated by commas, such as a,b.`);
  };
}
