import { kindOf } from './bytes';

/** How large and how slow a delivery may be. */
export interface Limits {
  /** The largest body that is read, in bytes. Defaults to 5 MiB. */
  readonly maxBodyBytes: number;
  /** How long the body may take to arrive, in milliseconds. Defaults to 5,000. */
  readonly bodyTimeoutMs: number;
  /** Within how many milliseconds a delivery is answered. Defaults to 6,000, at most 6,800: Blue times out at 7,000. */
  readonly deadlineMs: number;
}

/** Limits as options: each may be left out, or `undefined`. */
export type LimitOptions = { readonly [Name in keyof Limits]?: Limits[Name] | undefined };

/** The longest delay of a timer, in milliseconds. A longer one fires immediately. */
export const MAX_TIMER_MS = 2_147_483_647;
/** Later than that, no answer reaches Blue in time. */
const MAX_DEADLINE_MS = 6_800;

/**
 * Returns the limits with their defaults.
 * @throws TypeError if one is not a positive integer, so that no mistake can switch a limit off
 */
export function limitsOf(options: LimitOptions): Limits {
  return {
    maxBodyBytes: limit('maxBodyBytes', options.maxBodyBytes ?? 5 * 1024 * 1024, Number.MAX_SAFE_INTEGER, 'bytes'),
    bodyTimeoutMs: limit('bodyTimeoutMs', options.bodyTimeoutMs ?? 5_000, MAX_TIMER_MS, 'milliseconds'),
    deadlineMs: limit('deadlineMs', options.deadlineMs ?? 6_000, MAX_DEADLINE_MS, 'milliseconds'),
  };
}

/** Returns an option that is a number of something. @throws TypeError unless it is a positive integer, at most `max` */
export function limit(name: string, value: unknown, max: number, unit: string): number {
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= max) return value as number;
  const got = typeof value === 'number' ? String(value) : kindOf(value);
  throw new TypeError(`${name} must be a positive integer of ${unit}, at most ${max}, got ${got}.`);
}
