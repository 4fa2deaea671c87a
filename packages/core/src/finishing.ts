import { originalOf } from './handler-name';

/** Registered, so that a receiver recognises it across two copies of this package. */
const mark = Symbol.for('blue-webhooks.finishing');

/**
 * Marks a handler that records by itself, in a transaction, that the delivery is done: it runs after the other handlers of the
 * event, and not while one of them has to be retried. An event can have one.
 */
export function finishing<F extends object>(handler: F): F {
  return Object.defineProperty(handler, mark, { value: true });
}

/** Returns whether a handler, or the one that it was made of, is marked. */
export const isFinishing = (handler: object): boolean =>
  (originalOf(handler) as { readonly [mark]?: unknown })[mark] === true;
