import { kindOf } from '@blue-webhooks/core/adapter';
import type { TransactionRequest } from '../store';
import { requireNoControl } from '../transaction';
import type { Connection, SqliteValue } from './connection';
import { addHandled } from './handled';

/**
 * A transaction in a SQLite file. Its methods are synchronous, as those of the drivers are: the file is locked for no longer than
 * the handler computes, so that deliveries which arrive meanwhile do not wait.
 */
export interface SqliteTransaction {
  /**
   * Runs a statement. BEGIN, COMMIT and ROLLBACK are the inbox's.
   * @throws TypeError for one of these, and for a parameter that is not a string, a number, null or bytes
   */
  run(sql: string, ...parameters: readonly SqliteValue[]): void;
  /**
   * Runs a statement, and returns its rows.
   * @throws TypeError for a parameter that is not a string, a number, null or bytes
   */
  all<Row = Record<string, unknown>>(sql: string, ...parameters: readonly SqliteValue[]): Row[];
}

/** How a transaction ended: with the handler's error, if it threw one. */
export type Ended = 'committed' | 'lease lost' | { readonly error: unknown };

/** Runs the work, and stores in the same transaction which handlers have succeeded. */
export function runTransaction(
  connection: Connection,
  seq: number,
  { lease, handled, work, signal }: TransactionRequest<SqliteTransaction>,
): Promise<Ended> {
  return connection.write((): Ended => {
    if (signal.aborted) return { error: signal.reason };
    const { tx, end } = transactionOn(connection);
    let ended: Ended = 'committed';
    // Other writes can share the transaction: what a handler throws must not undo those.
    connection.undoable(() => {
      try {
        requireSynchronous(work(tx));
      } catch (error) {
        ended = { error };
        return false;
      } finally {
        end();
      }
      if (!addHandled(connection, seq, lease.token, handled)) ended = 'lease lost';
      return ended === 'committed';
    });
    return ended;
  });
}

function transactionOn(connection: Connection): { tx: SqliteTransaction; end: () => void } {
  let over = false;
  const prepared = (sql: string, parameters: readonly unknown[]) => {
    if (over) throw new Error('The transaction has ended: use tx before the handler returns.');
    requireNoControl(sql);
    for (const value of parameters) requireValue(value);
    return connection.prepare(sql);
  };
  return {
    tx: {
      run: (sql, ...parameters) => void prepared(sql, parameters).run(...(parameters as never[])),
      all: <Row>(sql: string, ...parameters: readonly SqliteValue[]) =>
        prepared(sql, parameters).all(...(parameters as never[])) as Row[],
    },
    end() {
      over = true;
    },
  };
}

/** @throws TypeError for a value that a driver cannot bind: some end the process */
function requireValue(value: unknown): void {
  if (typeof value === 'string' || typeof value === 'number' || value === null || value instanceof Uint8Array) return;
  throw new TypeError(`A parameter must be a string, a number, null or bytes, got ${kindOf(value)}.`);
}

/** @throws TypeError for a promise: what follows its first `await` would run after the commit */
function requireSynchronous(result: unknown): void {
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return;
  Promise.resolve(result).catch(() => {});
  throw new TypeError(
    'A transaction handler on SQLite must not be async: wait for other systems in a handler of the receiver, receiver.on(…).',
  );
}
