import { DriverError } from '@blue-webhooks/core/adapter';
import { StoreError } from '../store-error';
import { within } from '../within';

/**
 * What the store uses of a PostgreSQL client: a `Pool` of `pg` fits, and so does PGlite. Each call is one statement and one
 * transaction, so that a pooler in transaction mode can be used.
 */
export interface PostgresPool {
  /** Runs one statement on any connection. */
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
  /** Takes a connection from the pool, for `inbox.transaction`. */
  readonly connect?: (() => Promise<PostgresClient>) | undefined;
}

/** A connection that is taken from a pool for a transaction: a `PoolClient` of `pg` fits. */
export interface PostgresClient {
  /** Runs one statement on this connection. */
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
  /** Returns the connection to the pool, or closes it. */
  release(close?: boolean): unknown;
  /** Adds a listener for errors of the connection, which would end the process if nobody listened. */
  readonly on?: ((event: 'error', listener: (error: Error) => void) => unknown) | undefined;
  /** Removes a listener. */
  readonly off?: ((event: 'error', listener: (error: Error) => void) => unknown) | undefined;
}

/** A receiver answers 503 before Blue times out after 7 seconds. */
export const ANSWER_WITHIN_MS = 6_000;

/** @throws TypeError with an example of the function, unless it has a method `query` */
export function requirePool(name: string, pool: unknown): void {
  if (typeof (pool as Partial<PostgresPool> | null)?.query === 'function') return;
  throw new TypeError(`${name} needs a pool: ${name}(new pg.Pool({ connectionString })).`);
}

/** Returns what takes a connection from a pool; `undefined` for what only runs statements, such as PGlite. */
export const connectOf = (pool: PostgresPool): (() => Promise<PostgresClient>) | undefined =>
  typeof pool.connect === 'function' ? pool.connect.bind(pool) : undefined;

/** Runs one statement and returns its rows. */
export type Query = <Row>(text: string, ...values: readonly (string | number | boolean | null)[]) => Promise<Row[]>;

const DEADLOCK = '40P01';
const SERIALIZATION_FAILURE = '40001';
const UNIQUE_VIOLATION = '23505';
const passing: readonly (string | undefined)[] = [DEADLOCK, SERIALIZATION_FAILURE, UNIQUE_VIOLATION];
const MAX_TRIES = 5;

/** Whether PostgreSQL has aborted a transaction because of another one: it succeeds if it runs again. */
export function isConflict(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === DEADLOCK || code === SERIALIZATION_FAILURE;
}

/**
 * Returns a function that runs statements on a pool, again after a deadlock or a conflict. Its errors carry no values. With
 * `timeoutMs` it does not wait longer for a response: a pool can be exhausted, a table locked, a server can be unreachable.
 */
export function queryOn(pool: PostgresPool, timeoutMs?: number): Query {
  return async <Row>(text: string, ...values: readonly (string | number | boolean | null)[]) => {
    for (let tries = 1; ; tries++) {
      try {
        const answer = Promise.resolve(pool.query(text, [...values]));
        const { rows } = await (timeoutMs === undefined ? answer : within(timeoutMs, answer, noAnswer));
        return rows as Row[];
      } catch (cause) {
        if (StoreError.is(cause)) throw cause;
        const error = DriverError.from(cause);
        if (!passing.includes(error.code) || tries === MAX_TRIES) throw error;
      }
    }
  };
}

const noAnswer = () => new StoreError('TIMEOUT', 'PostgreSQL did not respond in time.');
