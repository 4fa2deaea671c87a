import { randomUUID } from 'node:crypto';
import type { BlueEvent, EventHandler, FinishAnswer, Ledger, LedgerOptions } from '@blue-webhooks/core';
import { count, DriverError, ledgerTimes } from '@blue-webhooks/core/adapter';
import { finishingHandler, leaseLost, requireLease } from '../finishing-handler';
import { requireString } from '../queries';
import { StoreError } from '../store-error';
import type { TransactionHandler } from '../transaction';
import type { Connection, SqliteValue } from './connection';
import type { SqliteDatabase } from './driver';
import { begin, deadLetter, fail, finish, ledgerTables, release, renew, type Statements } from './ledger-records';
import { createOpening, requireSource } from './opening';
import { runInTransaction, type SqliteTransaction } from './transaction';

/** Options of `sqliteLedger`. */
export interface SqliteLedgerOptions extends LedgerOptions {
  /**
   * How long a call waits while another process has locked the file, or the application has a transaction open on the handle, in
   * milliseconds. Defaults to 900: a receiver waits for a second.
   */
  readonly busyTimeoutMs?: number | undefined;
}

/** A ledger in a SQLite file. */
export interface SqliteLedger extends Ledger {
  readonly ttlMs: number;
  /** What an operator should know, once the ledger is open: what it has changed, such as the file's mode. */
  readonly warnings: readonly string[];
  /**
   * Opens the file and brings its table up to date. The first delivery does it otherwise, and has a second for it.
   * @throws StoreError if the file cannot be used
   */
  open(): Promise<void>;
  /** Closes a file that was opened by its path. */
  close(): Promise<void>;
  /** Records that the delivery is handled. */
  finish(id: string, token: string): Promise<FinishAnswer>;
  /**
   * Records in a transaction of yours that the delivery is handled: `tx` is a handle on the ledger's database, on which the transaction is
   * open. Synchronous, as the drivers' transactions are. Call it last, in the last handler of the event; `token` is `delivery.leaseToken`.
   * @throws StoreError `LEASE_LOST` if another process has the delivery. Let it roll your transaction back.
   */
  finish(
    id: string,
    token: string | undefined,
    options: { readonly tx: SqliteTransaction | SqliteDatabase },
  ): 'finished';
  /**
   * Makes a handler whose writes have their effect exactly once: what it writes with `tx`, and that the delivery is done, are committed
   * together. If it throws, or its process dies, or another process has the delivery, neither is. It must be synchronous. It runs after the other
   * handlers of the event, and not while one of them has to be retried; an event can have one.
   *
   * @example
   * receiver.on('TODO_CREATED', ledger.transaction((event, tx) => {
   *   tx.run('INSERT INTO orders (record, title) VALUES (?, ?)', event.currentValue.id, event.currentValue.title);
   * }));
   * @throws TypeError if the handler is not a function
   */
  transaction<E extends BlueEvent>(handler: TransactionHandler<E, SqliteTransaction>): EventHandler<E>;
}

/** Less than the second for which a receiver waits: a lease that is given later has no holder. */
const BUSY_TIMEOUT_MS = 900;

/**
 * Creates a ledger in a SQLite file on a local disk, for receivers in several processes of one machine. Handlers can write to the same
 * file in a transaction, with the effect exactly once.
 *
 * A path is opened, created and protected as by `sqliteStore`; instead of a path, pass an open database, and close it yourself. The
 * file can also contain an inbox and your own tables.
 *
 * @example
 * const ledger = sqliteLedger('app.db');
 * const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET, ledger });
 * @throws TypeError for a database in memory, and for an invalid option
 */
export function sqliteLedger(source: string | SqliteDatabase, options: SqliteLedgerOptions = {}): SqliteLedger {
  const times = ledgerTimes('sqliteLedger', options);
  const busyTimeoutMs = count('busyTimeoutMs', options.busyTimeoutMs ?? BUSY_TIMEOUT_MS, 2 ** 31 - 1);
  const opening = createOpening(requireSource("sqliteLedger('blue-ledger.db')", source), ledgerTables, busyTimeoutMs);

  /** Some drivers end the process for a value that they cannot bind. */
  const write = async <T>(id: string, token: string | undefined, work: (on: Connection) => T): Promise<T> => {
    requireString('id', id);
    if (token !== undefined) requireString('token', token);
    return opening.using((connection) => connection.write(() => work(connection)));
  };

  function finishDelivery(id: string, token: string): Promise<FinishAnswer>;
  function finishDelivery(
    id: string,
    token: string | undefined,
    options: { readonly tx: SqliteTransaction | SqliteDatabase },
  ): 'finished';
  function finishDelivery(
    id: string,
    token: string | undefined,
    { tx }: { readonly tx?: SqliteTransaction | SqliteDatabase } = {},
  ): 'finished' | Promise<FinishAnswer> {
    if (tx === undefined) return write(id, token, (on) => finish(on, id, token ?? '', times, false));
    requireString('id', id);
    const lease = requireLease(token);
    try {
      if (finish(statementsOn(tx), id, lease, times, true) === 'finished') return 'finished';
    } catch (error) {
      throw StoreError.is(error) || error instanceof TypeError ? error : DriverError.from(error);
    }
    throw leaseLost();
  }

  return {
    ...times,
    get warnings() {
      return opening.warnings;
    },
    open: opening.open,
    close: opening.close,
    begin: (id) => {
      const token = randomUUID();
      return write(id, token, (on) => begin(on, id, token, times));
    },
    renew: (id, token) => write(id, token, (on) => renew(on, id, token, times)),
    finish: finishDelivery,
    fail: (id, token) => write(id, token, (on) => fail(on, id, token, times)),
    release: (id, token) => write(id, token, (on) => release(on, id, token)),
    deadLetter: (id) => write(id, undefined, (on) => deadLetter(on, id, times)),
    transaction: (handler) =>
      finishingHandler(handler, async ({ id, token, signal }, work) => {
        const ended = await opening.using((connection) => {
          const conclude = () => finish(connection, id, token, times, true) === 'finished';
          return runInTransaction(connection, { work, conclude, signal });
        });
        if (typeof ended === 'object') throw ended.error; // the handler's own, as it is
        if (ended === 'lease lost') throw leaseLost();
      }),
  };
}

/** @throws TypeError unless it is a transaction, or a handle on a database */
function statementsOn(tx: SqliteTransaction | SqliteDatabase): Statements {
  const { all, prepare } = (tx ?? {}) as Partial<SqliteTransaction & SqliteDatabase>;
  if (typeof all === 'function') return tx as SqliteTransaction;
  const { inTransaction, isTransaction } = (tx ?? {}) as { inTransaction?: unknown; isTransaction?: unknown };
  if (typeof prepare !== 'function' || inTransaction === false || isTransaction === false) {
    throw new TypeError(
      'tx must be the handle on which the transaction is open: ledger.finish(id, token, { tx: database }).',
    );
  }
  const prepared = (sql: string) => (tx as SqliteDatabase).prepare(sql);
  return {
    all: <Row>(sql: string, ...parameters: SqliteValue[]) => prepared(sql).all(...(parameters as never[])) as Row[],
    run: (sql, ...parameters) => void prepared(sql).run(...(parameters as never[])),
  };
}
