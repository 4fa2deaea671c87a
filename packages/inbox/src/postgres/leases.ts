import { randomUUID } from 'node:crypto';
import { LeaseWatch } from '../lease-watch';
import type { Lease, LeaseRequest, Settlement, TransactionRequest } from '../store';
import type { PostgresClient, Query } from './pool';
import { storable } from './puts';
import { columnsOf, type FullRow, toFullDelivery } from './row';
import { type Schema, serverNow } from './schema';
import { type PostgresTransaction, runTransaction } from './transaction';

interface ActiveRow {
  readonly seq: number;
  readonly token: string;
  readonly beat: number;
  readonly leaseMs: number;
}

/** No retry is set further ahead than this: one that is was set before the server's clock was turned back, and is due. */
const FURTHEST_RETRY_MS = 2 * 86_400_000;

const dueAtOf = (settlement: Settlement): Date | undefined => {
  if (settlement.type === 'retry') return settlement.retryAt;
  return settlement.type === 'postponed' ? settlement.until : undefined;
};

/** Leases in a PostgreSQL schema. */
export class Leases {
  readonly #query: Query;
  readonly #schema: Schema;
  readonly #watch = new LeaseWatch();
  readonly #seqs = new WeakMap<Lease, number>();

  constructor(query: Query, schema: Schema) {
    this.#query = query;
    this.#schema = schema;
  }

  async lease({ limit, leaseMs, findStale }: LeaseRequest): Promise<readonly Lease[]> {
    const { deliveries, bodies } = this.#schema;
    const token = randomUUID();
    // One statement: rows that another worker is taking are passed over, not waited for.
    const rows = await this.#query<FullRow & { stale: boolean }>(
      `WITH silent AS (
         SELECT one.seq, one.received_at AS since FROM ${deliveries} AS one
         JOIN json_to_recordset($1::text::json) AS seen (seq bigint, token text, beat integer)
           ON one.seq = seen.seq AND one.lease = seen.token AND one.beat = seen.beat
         WHERE one.state = 'active' FOR UPDATE OF one SKIP LOCKED
       ), ready AS (
         SELECT seq, received_at AS since FROM ${deliveries} WHERE state = 'waiting' AND due_at IS NULL
         ORDER BY received_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED
       ), retries AS (
         SELECT seq, due_at AS since FROM ${deliveries} WHERE state = 'waiting' AND due_at <= ${serverNow}
         ORDER BY due_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED
       ), misplaced AS (
         SELECT seq, due_at AS since FROM ${deliveries} WHERE state = 'waiting' AND due_at > ${serverNow} + ${FURTHEST_RETRY_MS}
         ORDER BY due_at, seq LIMIT $2 FOR UPDATE SKIP LOCKED
       ), chosen AS (
         SELECT * FROM (TABLE silent UNION ALL TABLE ready UNION ALL TABLE retries UNION ALL TABLE misplaced) AS every ORDER BY since, seq LIMIT $2
       ), taken AS (
         UPDATE ${deliveries} AS one SET state = 'active', attempts = attempts + 1, retry_at = NULL, due_at = NULL, lease = $3, lease_ms = $4, beat = 0
         FROM chosen WHERE one.seq = chosen.seq RETURNING one.*, chosen.since
       )
       SELECT ${columnsOf('taken')}, taken.signature, taken.secret_id, taken.trace, taken.handled, body, $5 AND EXISTS (
         SELECT 1 FROM ${deliveries} AS other
         WHERE other.entity_id = taken.entity_id AND other.state = 'done' AND other.entity_updated_at > taken.entity_updated_at
       ) AS stale
       FROM taken JOIN ${bodies} USING (seq) ORDER BY taken.since, taken.seq`,
      JSON.stringify(await this.#silent()),
      limit,
      token,
      leaseMs,
      findStale,
    );
    return rows.map((row) => {
      const lease: Lease = { delivery: toFullDelivery(row), token, stale: row.stale };
      this.#seqs.set(lease, row.seq);
      return lease;
    });
  }

  async renew(leases: readonly Lease[]): Promise<readonly Lease[]> {
    const held = leases.map((lease) => ({ seq: this.#seqOf(lease), token: lease.token }));
    const rows = await this.#query<{ seq: number; token: string }>(
      `UPDATE ${this.#schema.deliveries} AS one SET beat = (beat + 1) % 1000000
       FROM json_to_recordset($1::text::json) AS held (seq bigint, token text)
       WHERE one.seq = held.seq AND one.lease = held.token RETURNING one.seq::float8, one.lease AS token`,
      JSON.stringify(held),
    );
    const renewed = new Set(rows.map(({ seq, token }) => `${seq} ${token}`));
    return leases.filter((lease) => !renewed.has(`${this.#seqOf(lease)} ${lease.token}`));
  }

  async recordHandled(lease: Lease, handled: readonly string[]): Promise<boolean> {
    const rows = await this.#query(
      `UPDATE ${this.#schema.deliveries} SET handled = $1 WHERE seq = $2 AND lease = $3 RETURNING 1`,
      JSON.stringify(handled), // JSON escapes what a text of PostgreSQL cannot hold
      this.#seqOf(lease),
      lease.token,
    );
    return rows.length > 0;
  }

  transaction(
    connect: () => Promise<PostgresClient>,
    request: TransactionRequest<PostgresTransaction>,
  ): Promise<boolean> {
    return runTransaction(connect, this.#schema, this.#seqOf(request.lease), request);
  }

  async settle(lease: Lease, settlement: Settlement): Promise<boolean> {
    const error = 'error' in settlement ? storable(settlement.error) : null;
    const [row] = await this.#query<{ settled: boolean }>(
      `SELECT ${this.#schema.name}.settle($1, $2, $3, $4, $5, $6) AS settled`,
      this.#seqOf(lease),
      lease.token,
      settlement.type,
      error,
      dueAtOf(settlement)?.getTime() ?? null,
      Date.now(),
    );
    return row?.settled === true;
  }

  /** The leases whose holders have been silent for too long, as far as this store has seen. */
  async #silent(): Promise<readonly ActiveRow[]> {
    const active = await this.#query<ActiveRow>(
      `SELECT seq::float8, lease AS token, beat, lease_ms AS "leaseMs" FROM ${this.#schema.deliveries} WHERE state = 'active'`,
    );
    const silent = this.#watch.silent(active, performance.now());
    return active.filter(({ seq }) => silent.has(seq));
  }

  #seqOf(lease: Lease): number {
    return this.#seqs.get(lease) ?? -1; // a lease of another store
  }
}
