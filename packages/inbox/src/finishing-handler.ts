import type { BlueEvent, EventHandler } from '@blue-webhooks/core';
import { finishing } from '@blue-webhooks/core/adapter';
import { StoreError } from './store-error';
import type { TransactionHandler } from './transaction';

/** The lease of a ledger under which a handler runs. */
export interface HandlerLease {
  readonly id: string;
  readonly token: string;
  /** Rolls the transaction back when it aborts. */
  readonly signal: AbortSignal;
}

/**
 * Returns the handler to register in place of one that writes in a transaction of a ledger's database.
 * @throws TypeError unless it is a function
 */
export function finishingHandler<E extends BlueEvent, Tx>(
  handler: TransactionHandler<E, Tx>,
  run: (lease: HandlerLease, work: (tx: Tx) => unknown) => Promise<void>,
): EventHandler<E> {
  if (typeof handler !== 'function')
    throw new TypeError('The handler must be a function: ledger.transaction(handler).');
  return finishing<EventHandler<E>>(async (event, delivery) => {
    const { id, leaseToken, signal } = delivery;
    await run({ id, token: requireLease(leaseToken), signal }, (tx) => handler(event, tx, delivery));
  });
}

/** @throws Error that says why a delivery has no lease */
export function requireLease(leaseToken: unknown): string {
  if (typeof leaseToken === 'string') return leaseToken;
  throw new Error(
    'The delivery has no lease, without which its effect could happen twice: either the ledger failed (LEDGER_FAILED was reported), or it is not the `ledger` of this receiver or queue consumer. In an inbox, use inbox.transaction.',
  );
}

/** Why a transaction was not committed. */
export const leaseLost = (): StoreError =>
  new StoreError(
    'LEASE_LOST',
    'Another process has the delivery, or it was moved to the dead letters: nothing was committed.',
  );
