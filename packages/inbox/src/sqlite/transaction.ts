import { bytesOf, kindOf } from '@blue-webhooks/core/adapter';
import { AsyncResource } from '#runtime';
import { requireNoControl } from '../transaction';
import type { Connection, SqliteValue } from './connection';

/**
 * A transaction in a SQLite file. Its methods are synchronous, as those of the drivers are: the file is locked for no longer than
 * the handler computes, so that deliveries which arrive meanwhile do not wait.
 */
export interface SqliteTransaction {
  /**
   * Runs a statement. It must not be BEGIN, COMMIT or ROLLBACK.
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

/** What runs in a transaction, and what is stored with it. */
export interface TransactionWork {
  readonly work: (tx: SqliteTransaction) => unknown;
  /** Stores the success of the work. Returns `false` if the lease was lost. */
  readonly conclude: () => boolean;
  readonly signal: AbortSignal;
}

/** Runs the work, and stores its success in the same transaction. */
export function runInTransaction(connection: Connection, { work, conclude, signal }: TransactionWork): Promise<Ended> {
  // The request whose delivery shares the transaction starts it: the handler runs in the attempt's own async context.
  const workInContext = AsyncResource.bind(work);
  return connection.write((): Ended => {
    if (signal.aborted) return { error: signal.reason };
    const { tx, end } = transactionOn(connection);
    let ended: Ended = 'committed';
    // Other writes can share the transaction: what a handler throws must not undo those.
    connection.undoable(() => {
      try {
        requireSynchronous(workInContext(tx));
      } catch (error) {
        ended = { error };
        return false;
      } finally {
        end();
      }
      if (!conclude()) ended = 'lease lost';
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
    const values = parameters.map(requireValue);
    return { statement: connection.prepare(sql), values: values as never[] };
  };
  return {
    tx: {
      run(sql, ...parameters) {
        const { statement, values } = prepared(sql, parameters);
        statement.run(...values);
      },
      all<Row>(sql: string, ...parameters: readonly SqliteValue[]) {
        const { statement, values } = prepared(sql, parameters);
        return statement.all(...values) as Row[];
      },
    },
    end() {
      over = true;
    },
  };
}

/** Returns a value as a driver can bind it. @throws TypeError for another, since some drivers end the process */
function requireValue(value: unknown): SqliteValue {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value;
  const bytes = bytesOf(value);
  if (bytes) return bytes;
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
