import { randomUUID } from 'node:crypto';
import type { BlueEvent, EventHandler, FailAnswer, FinishAnswer, Ledger, LedgerOptions } from '@blue-webhooks/core';
import { DriverError, ledgerTimes } from '@blue-webhooks/core/adapter';
import { finishingHandler, leaseLost, requireLease } from '../finishing-handler';
import { requireString } from '../queries';
import type { TransactionHandler } from '../transaction';
import { LEASE_LOST, LOCKED, ledgerTables, statementsOf } from './ledger-statements';
import { createOpening } from './opening';
import { ANSWER_WITHIN_MS, connectOf, type PostgresPool, queryOn, requirePool } from './pool';
import type { PostgresOptions } from './postgres-store';
import { schemaOf } from './schema';
import { type PostgresTransaction, runInTransaction, type Step } from './transaction';

/** Options of `postgresLedger`. */
export interface PostgresLedgerOptions extends LedgerOptions, PostgresOptions {}

/** What is used of a transaction of yours: a client of `pg` fits. */
export type PostgresQueryable = Pick<PostgresPool, 'query'>;

/** A ledger in PostgreSQL. */
export interface PostgresLedger extends Ledger {
  readonly ttlMs: number;
  /**
   * Connects, and brings the table up to date. The first delivery does it otherwise, and has a second for it.
   * @throws StoreError | DriverError if the database cannot be used
   */
  open(): Promise<void>;
  /** Records that the delivery is handled. */
  finish(id: string, token: string): Promise<FinishAnswer>;
  /**
   * Records in a transaction of yours that the delivery is handled: `tx` is the client on which the transaction is open. Call it last, in the
   * last handler of the event; `token` is `delivery.leaseToken`.
   * @throws StoreError `LEASE_LOST` if another process has the delivery: the transaction can no longer be committed.
   */
  finish(id: string, token: string | undefined, options: { readonly tx: PostgresQueryable }): Promise<'finished'>;
  /**
   * Makes a handler whose writes have their effect exactly once: what it writes with `tx`, and that the delivery is done, are committed
   * together. If it throws, or its process dies, or another process has the delivery, neither is. It runs after the other handlers of the event,
   * and not while one of them has to be retried; an event can have one.
   *
   * @example
   * receiver.on('TODO_CREATED', ledger.transaction(async (event, tx) => {
   *   await tx.query('INSERT INTO orders (record, title) VALUES ($1, $2)', [event.currentValue.id, event.currentValue.title]);
   * }));
   * @throws TypeError if the handler is not a function, and for a pool without `connect`
   */
  transaction<E extends BlueEvent>(handler: TransactionHandler<E, PostgresTransaction>): EventHandler<E>;
}

interface Begun {
  readonly state: 'new' | 'done' | 'in-progress';
  readonly attempt: number;
}

/**
 * Creates a ledger in PostgreSQL 13 or later, for receivers on any number of machines. Handlers can write to the same database in a
 * transaction, with the effect exactly once. Leases do not depend on the clocks of your machines. Close the pool yourself.
 *
 * @example
 * const ledger = postgresLedger(new pg.Pool({ connectionString: process.env.DATABASE_URL }));
 * const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET, ledger });
 * @throws TypeError if `pool` has no method `query`, and for an invalid option
 */
export function postgresLedger(pool: PostgresPool, options: PostgresLedgerOptions = {}): PostgresLedger {
  requirePool('postgresLedger', pool);
  const times = ledgerTimes('postgresLedger', options);
  const { ttlMs, leaseMs } = times;
  const keepMs = Math.max(ttlMs, leaseMs);
  const schema = schemaOf(options.schema === undefined ? 'blue_webhooks' : options.schema);
  const statements = statementsOf(schema);
  const query = queryOn(pool, ANSWER_WITHIN_MS);
  const { open, using } = createOpening(pool, schema, ledgerTables);
  const connect = connectOf(pool);

  async function run<Row>(
    statement: keyof typeof statements,
    id: string,
    ...values: (string | number)[]
  ): Promise<Row[]> {
    requireString('id', id);
    return using(() => query<Row>(statements[statement], id, ...values));
  }

  /** Runs a statement that changes the delivery if the token holds it. Returns whether it does. */
  const change = async (
    statement: keyof typeof statements,
    id: string,
    token: string | undefined,
    ...values: number[]
  ) => (await run(statement, id, requireString('token', token), ...values)).length > 0;

  async function stateOf(id: string): Promise<string | undefined> {
    const [row] = await run<{ state: string }>('state', id);
    return row?.state;
  }

  /** What is answered to a token that holds nothing. */
  const staleOrDeadLettered = async (id: string) =>
    (await stateOf(id)) === 'dead-lettered' ? ('dead-lettered' as const) : ('stale' as const);

  async function fail(id: string, token?: string): Promise<FailAnswer> {
    const [row] =
      token === undefined
        ? await run<{ failures: number }>('fail', id, keepMs)
        : await run<{ failures: number }>('failHeld', id, requireString('token', token), keepMs);
    if (row) return row.failures;
    const state = await stateOf(id);
    return token === undefined || (state !== undefined && state !== 'open') ? 'done' : 'stale';
  }

  function finish(id: string, token: string): Promise<FinishAnswer>;
  function finish(
    id: string,
    token: string | undefined,
    options: { readonly tx: PostgresQueryable },
  ): Promise<'finished'>;
  async function finish(
    id: string,
    token: string | undefined,
    { tx }: { readonly tx?: PostgresQueryable } = {},
  ): Promise<FinishAnswer> {
    if (tx === undefined) {
      return (await change('finish', id, token, ttlMs)) ? 'finished' : staleOrDeadLettered(id);
    }
    if (typeof tx?.query !== 'function' || tx === pool) {
      throw new TypeError(
        'tx must be the client on which the transaction is open, not the pool: ledger.finish(id, token, { tx: client }).',
      );
    }
    const values = [requireString('id', id), requireLease(token), ttlMs];
    await open();
    try {
      await tx.query(statements.finishOrFail, values);
      return 'finished';
    } catch (error) {
      throw (error as { code?: unknown } | null)?.code === LEASE_LOST ? leaseLost() : DriverError.from(error);
    }
  }

  return {
    ...times,
    open,
    async begin(id) {
      const token = randomUUID();
      const [row] = await run<Begun>('begin', id, token, leaseMs, keepMs).catch((error: { code?: unknown }) => {
        if (error.code === LOCKED) return []; // another process is about to commit
        throw error;
      });
      // Without a row, another process has begun at the same time.
      if (row?.state === 'new') return { state: 'new', token, attempt: row.attempt };
      return { state: row?.state ?? 'in-progress' };
    },
    renew: async (id, token) => ((await change('renew', id, token, leaseMs)) ? 'renewed' : staleOrDeadLettered(id)),
    finish,
    fail,
    release: async (id, token) => ((await change('release', id, token)) ? 'released' : staleOrDeadLettered(id)),
    deadLetter: async (id) => ((await run('deadLetter', id, ttlMs)).length > 0 ? 'dead-lettered' : 'done'),
    transaction(handler) {
      if (!connect) {
        throw new TypeError('ledger.transaction needs a pool that can `connect`, such as a Pool of pg.');
      }
      return finishingHandler(handler, async ({ id, token, signal }, work) => {
        await open();
        const conclude = async (step: Step) =>
          (await step(statements.finishInTransaction, id, token, ttlMs)).rows.length > 0;
        if (!(await runInTransaction(connect, { work, conclude, signal }))) throw leaseLost();
      });
    },
  };
}
