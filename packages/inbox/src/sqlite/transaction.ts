import { kindOf } from '../kind-of';
import type { TransactionRequest } from '../store';
import type { Connection, SqliteValue } from './connection';

/**
 * A transaction in a SQLite file. Its methods are synchronous, as those of the drivers are: the file is locked for no longer than
 * the handler computes, so that deliveries which arrive meanwhile do not wait.
 */
export interface SqliteTransaction {
  /**
   * Runs a statement.
   * @throws TypeError for a parameter that is not a string, a number, null or bytes
   */
  run(sql: string, ...parameters: readonly SqliteValue[]): void;
  /**
   * Runs a statement, and returns its rows.
   * @throws TypeError for a parameter that is not a string, a number, null or bytes
   */
  all<Row = Record<string, unknown>>(sql: string, ...parameters: readonly SqliteValue[]): Row[];
}

/** Why a transaction was rolled back; `undefined` if it was not. */
type RolledBack = { readonly error: unknown } | 'lease lost' | undefined;

/** Runs the work, and stores in the same transaction which handlers have succeeded. */
export async function runTransaction(
  connection: Connection,
  seq: number,
  { lease, handled, work, signal }: TransactionRequest<SqliteTransaction>,
): Promise<boolean> {
  const rolledBack = await connection.write((): RolledBack => {
    signal.throwIfAborted();
    // Other writes can share the transaction: what a handler throws must not undo those.
    connection.run('SAVEPOINT blue_transaction');
    const undo = (reason: RolledBack): RolledBack => {
      connection.run('ROLLBACK TO blue_transaction');
      connection.run('RELEASE blue_transaction');
      return reason;
    };
    const { tx, end } = transactionOn(connection);
    try {
      requireSynchronous(work(tx));
    } catch (error) {
      return undo({ error });
    } finally {
      end();
    }
    const [row] = connection.all<{ handled: string | null }>(
      'SELECT handled FROM blue_deliveries WHERE seq = ? AND lease = ?',
      ...[seq, lease.token],
    );
    if (!row) return undo('lease lost');
    const names = new Set([...(JSON.parse(row.handled ?? '[]') as string[]), ...handled]);
    connection.run('UPDATE blue_deliveries SET handled = ? WHERE seq = ?', JSON.stringify([...names]), seq);
    connection.run('RELEASE blue_transaction');
    return undefined;
  });
  if (typeof rolledBack === 'object') throw rolledBack.error;
  return rolledBack === undefined;
}

function transactionOn(connection: Connection): { tx: SqliteTransaction; end: () => void } {
  let over = false;
  const prepared = (sql: string, parameters: readonly unknown[]) => {
    if (over) throw new Error('The transaction has ended: use tx before the handler returns.');
    if (typeof sql !== 'string') throw new TypeError(`A statement must be a string, got ${kindOf(sql)}.`);
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
