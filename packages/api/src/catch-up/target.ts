import { type StoredDelivery, UnrecoverableError } from '@blue-webhooks/core';

/** An inbox, which handles what it has not stored yet. */
export interface AcceptingTarget {
  /** Stores an event, unless its id is stored already. */
  accept(delivery: StoredDelivery): Promise<'stored' | 'duplicate'>;
}

/** A receiver, whose handlers run immediately. */
export interface DispatchingTarget {
  /** Runs the handlers. */
  dispatch(delivery: StoredDelivery): Promise<void>;
}

/** Where events go: an inbox, a receiver, or a function. */
export type BackfillTarget = AcceptingTarget | DispatchingTarget | ((delivery: StoredDelivery) => unknown);

/** Passes a delivery on. Returns whether it was new there. @throws the target's error */
export async function handOn(target: BackfillTarget, delivery: StoredDelivery): Promise<boolean> {
  if (typeof target === 'function') {
    await target(delivery);
    return true;
  }
  if ('accept' in target) return (await target.accept(delivery)) === 'stored';
  try {
    await target.dispatch(delivery);
  } catch (error) {
    if (!UnrecoverableError.is(error)) throw error; // a retry cannot help
  }
  return true;
}

/** @throws TypeError if it is neither */
export function requireTarget(target: unknown): BackfillTarget {
  const { accept, dispatch } = (target ?? {}) as { accept?: unknown; dispatch?: unknown };
  if ([target, accept, dispatch].some((each) => typeof each === 'function')) return target as BackfillTarget;
  throw new TypeError('`to` must be an inbox, a receiver, or a function that takes a delivery.');
}
