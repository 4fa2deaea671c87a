import type { BlueEvent, Delivery, EventHandler, HandlerOptions } from '@blue-webhooks/core';

/** Handles an event in a transaction of the inbox's database. What it throws rolls back everything that it wrote with `tx`. */
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
