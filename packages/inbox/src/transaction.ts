import type { BlueEvent, Delivery, EventHandler, HandlerOptions } from '@blue-webhooks/core';
import { kindOf } from '@blue-webhooks/core/adapter';

/** Handles an event in a transaction of the database of the inbox, or of the ledger. What it throws rolls back everything that it wrote with `tx`. */
export type TransactionHandler<E extends BlueEvent, Tx> = (event: E, tx: Tx, delivery: Delivery<E>) => unknown;

/** The options of a transaction handler: its name, which is required, since the database remembers it by that. */
export interface TransactionOptions extends HandlerOptions {
  readonly name: string;
}

/**
 * Runs the work of a handler in a transaction, in which it is stored that the handler has succeeded.
 * @throws what `work` threw, or an error that says that nothing was committed
 */
export type RunInTransaction = (handler: string, work: (tx: unknown) => unknown) => Promise<void>;

/** How the attempt with this signal runs transactions. */
const runs = new WeakMap<AbortSignal, RunInTransaction>();

/** Makes the transaction handlers of an attempt use this. */
export function provideTransactions(signal: AbortSignal, run: RunInTransaction): void {
  runs.set(signal, run);
}

/** Statements that would end the handler's transaction, or begin another. */
const control =
  /^\s*(?:begin|start|commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:work\s+|transaction\s+)?to))\b/i;

/** @throws TypeError for a statement that would begin or end a transaction */
export function requireNoControl(sql: unknown): void {
  if (typeof sql !== 'string') throw new TypeError(`A statement must be a string, got ${kindOf(sql)}.`);
  if (!control.test(sql)) return;
  throw new TypeError(
    'Leave BEGIN, COMMIT and ROLLBACK to @blue-webhooks/inbox: it commits when the handler returns, and rolls back when it throws.',
  );
}

/** The handler to register with the receiver in place of a transaction handler. */
export function inTransaction<E extends BlueEvent, Tx>(
  name: string,
  handler: TransactionHandler<E, Tx>,
): EventHandler<E> {
  return async (event, delivery) => {
    const run = runs.get(delivery.signal);
    if (!run) throw new Error('A transaction handler runs in its inbox only: mount the inbox, not its receiver.');
    await run(name, (tx) => handler(event, tx as Tx, delivery));
  };
}
