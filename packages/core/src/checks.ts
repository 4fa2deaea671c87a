import { kindOf } from './bytes';
import type { Receiver } from './receiver';

/** Returns an option that is a number of something. @throws TypeError unless it is a positive integer, at most `max` */
export function count(name: string, value: unknown, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= max) return value as number;
  const got = typeof value === 'number' ? value : kindOf(value);
  throw new TypeError(`${name} must be a positive integer, at most ${max}, got ${got}.`);
}

/** @throws TypeError unless it is a receiver */
export function requireReceiver(receiver: unknown): Receiver {
  const { verify, dispatch } = (receiver ?? {}) as Partial<Receiver>;
  if (typeof verify === 'function' && typeof dispatch === 'function') return receiver as Receiver;
  throw new TypeError('receiver must be a receiver of @blue-webhooks/core: createReceiver({ secret }).');
}
