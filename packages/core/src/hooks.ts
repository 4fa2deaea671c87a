import { kindOf } from './bytes';
import type { Outcome } from './delivery';
import type { WebhookError } from './errors';
import type { BlueEvent } from './events';
import type { Drift } from './shape';
import { keepAlive, type WaitUntil } from './wait-until';

/** What hooks receive about the delivery. */
export interface DeliveryContext {
  /** Set once the delivery is verified, as is `event`. */
  readonly deliveryId: string | undefined;
  readonly event: BlueEvent['event'] | undefined;
}

/** For logs, metrics and alerts. Hooks are not awaited, and what they throw changes nothing. */
export interface Hooks {
  /** Called on every failed delivery, with the exact code and, for a handler's failure, its cause. */
  readonly onFailure?: ((error: WebhookError, context: DeliveryContext) => unknown) | undefined;
  /** Called with every answer. */
  readonly onOutcome?: ((outcome: Outcome) => unknown) | undefined;
  /** Called with the documented fields that came with another type, once per delivery. */
  readonly onDrift?: ((drift: readonly Drift[], context: DeliveryContext) => unknown) | undefined;
}

/**
 * Calls a hook, passes the promise that it returns to the platform, if that takes any, and ignores what it throws or rejects with.
 */
export function notify<A extends unknown[]>(
  waitUntil: WaitUntil | undefined,
  hook: ((...args: A) => unknown) | undefined,
  ...args: A
): void {
  if (!hook) return;
  try {
    keepAlive(waitUntil, hook(...args));
  } catch (thrown) {
    // The hook's own failure; the response to Blue must not depend on it.
    keepAlive(undefined, thrown); // a rejected promise that was thrown would count as unhandled
  }
}

/**
 * Checks options that are functions: a mistake in one would go unnoticed, since what a hook throws changes nothing.
 * @throws TypeError naming the first that is given and not a function
 */
export function requireFunctions(options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || typeof value === 'function') continue;
    throw new TypeError(`${name} must be a function, got ${kindOf(value)}: pass one, or leave it out.`);
  }
}
