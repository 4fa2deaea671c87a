import { randomUUID } from 'node:crypto';
import { LeaseWatch } from '../lease-watch';
import { applies, type PauseScope } from '../pauses';
import type { Lease, LeaseRequest, LimitUpdate, Settlement, StoredLimits, TransactionRequest } from '../store';
import { addHandled } from './handled';
import { awaitedKeys, dueInLimits, openKeys, type StateRow, storedLimits, updateLimits } from './limits';
import { dueInGroups, openGroups } from './pauses';
import type { PostgresClient, Query } from './pool';
import { storable } from './puts';
import { columnsOf, type FullRow, toFullDelivery } from './row';
import { type Schema, serverNow } from './schema';
import { type PostgresTransaction, runTransaction } from './transaction';

interface ActiveRow {
  readonly seq: number;
  readonly id: string;
  readonly token: string;
  readonly beat: number;
  readonly leaseMs: number;
  readonly event: string;
  readonly webhookId: string;
}

interface Look {
  readonly silent: readonly ActiveRow[];
  readonly pauses: readonly PauseScope[];
  readonly stored: StoredLimits;
  /** The keys for which deliveries wait. */
  readonly awaited: readonly string[];
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

  async lease({ limit, leaseMs, findStale, limits = [] }: LeaseRequest): Promise<readonly Lease[]> {
    const { deliveries, bodies } = this.#schema;
    const token = randomUUID();
    const { silent, pauses, stored, awaited } = await this.#look();
    if (pauses.some((pause) => applies(pause, {}))) return []; // everything
    const open = openKeys(limits, stored, awaited, limit);
    const due = (since: string, isDue: string) =>
      pauses.length > 0
        ? dueInGroups(this.#schema, since, isDue, '$2')
        : `SELECT seq, ${since} AS since FROM ${deliveries} WHERE state = 'waiting' AND ${isDue}
           ORDER BY ${since}, seq LIMIT $2 FOR UPDATE SKIP LOCKED`;
    // One statement: rows that another worker is taking are passed over, not waited for.
    const rows = await this.#query<FullRow & { stale: boolean }>(
      `WITH RECURSIVE silent AS (
         SELECT one.seq, one.received_at AS since FROM ${deliveries} AS one
         JOIN json_to_recordset($1::text::json) AS seen (seq bigint, token text, beat integer)
           ON one.seq = seen.seq AND one.lease = seen.token AND one.beat = seen.beat
         WHERE one.state = 'active' FOR UPDATE OF one SKIP LOCKED
       ), ${pauses.length > 0 ? `${openGroups(this.#schema)}, ` : ''}ready AS (
         ${due('received_at', 'due_at IS NULL')}
       ), retries AS (
         ${due('due_at', `due_at >= 0 AND due_at <= ${serverNow}`)}
       ), misplaced AS (
         ${due('due_at', `due_at >= 0 AND due_at > ${serverNow} + ${FURTHEST_RETRY_MS}`)}
       ), limited AS (
         ${open.length > 0 ? dueInLimits(this.#schema, '$6') : 'SELECT seq, since FROM silent WHERE false'}
       ), chosen AS (
         SELECT * FROM (TABLE silent UNION ALL TABLE ready UNION ALL TABLE retries UNION ALL TABLE misplaced UNION ALL TABLE limited) AS every ORDER BY since, seq LIMIT $2
       ), taken AS (
         UPDATE ${deliveries} AS one SET state = 'active', attempts = attempts + 1, retry_at = NULL, due_at = NULL, lease = $3, lease_ms = $4, beat = 0
         FROM chosen WHERE one.seq = chosen.seq RETURNING one.*, chosen.since
       )
       SELECT ${columnsOf('taken')}, taken.signature, taken.secret_id, taken.trace, taken.handled, body, $5 AND EXISTS (
         SELECT 1 FROM ${deliveries} AS other
         WHERE other.entity_id = taken.entity_id AND other.state = 'done' AND other.entity_updated_at > taken.entity_updated_at
       ) AS stale
       FROM taken JOIN ${bodies} USING (seq) ORDER BY taken.since, taken.seq`,
      JSON.stringify(silent),
      limit,
      token,
      leaseMs,
      findStale,
      ...(open.length > 0 ? [JSON.stringify(open)] : []),
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
      addHandled(this.#schema.deliveries),
      JSON.stringify(handled),
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

  updateLimits(update: LimitUpdate): Promise<void> {
    return updateLimits(this.#query, this.#schema, update, (lease) => this.#seqOf(lease));
  }

  /**
   * The pauses, the limits for which deliveries wait, and the leases that no pause applies to whose holders have been silent for too
   * long, as far as this store has seen.
   */
  async #look(): Promise<Look> {
    const { deliveries, pauses: table } = this.#schema;
    // One statement: the values come as texts, so that no client converts them.
    const [row] = await this.#query<{ active: string; pauses: string; awaited: string; now: number }>(
      `SELECT
         (SELECT coalesce(json_agg(one), '[]') FROM (
           SELECT seq, id, lease AS token, beat, lease_ms AS "leaseMs", event, webhook_id AS "webhookId" FROM ${deliveries} WHERE state = 'active'
         ) AS one)::text AS active,
         (SELECT coalesce(json_agg(one), '[]') FROM (SELECT event, webhook_id AS "webhookId" FROM ${table}) AS one)::text AS pauses,
         (SELECT coalesce(json_agg(one), '[]') FROM (${awaitedKeys(this.#schema)}) AS one)::text AS awaited,
         ${serverNow}::float8 AS now`,
    );
    const active: readonly ActiveRow[] = JSON.parse(row?.active ?? '[]');
    const rows: readonly PauseScope[] = JSON.parse(row?.pauses ?? '[]');
    const pauses = rows.map(({ event, webhookId }) => ({
      event: event || undefined,
      webhookId: webhookId || undefined,
    }));
    const silent = this.#watch.silent(active, performance.now());
    const isPaused = (scope: PauseScope) => pauses.some((pause) => applies(pause, scope));
    const awaited: readonly StateRow[] = JSON.parse(row?.awaited ?? '[]');
    return {
      silent: active.filter((one) => silent.has(one.seq) && !isPaused(one)),
      pauses,
      stored: storedLimits(row?.now ?? 0, awaited, active),
      awaited: awaited.map(({ key }) => key),
    };
  }

  #seqOf(lease: Lease): number {
    return this.#seqs.get(lease) ?? -1; // a lease of another store
  }
}
