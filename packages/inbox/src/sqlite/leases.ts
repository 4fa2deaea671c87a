import { LeaseWatch } from '../lease-watch';
import { applies, type PauseScope } from '../pauses';
import type { InboxStore, Lease, LeaseRequest, LimitUpdate, Settlement, TransactionRequest } from '../store';
import { readFullRow } from './bodies';
import type { Connection, SqliteValue } from './connection';
import { addHandled } from './handled';
import { promote } from './lanes';
import { openKeys, updateLimits } from './limits';
import { notPaused, openGroups, readPauses } from './pauses';
import { toFullDelivery } from './row';
import { type Ended, runInTransaction, type SqliteTransaction } from './transaction';

interface Candidate {
  readonly seq: number;
  /** Since when it has been due, in milliseconds since 1970. */
  readonly since: number;
  /** The silent lease that it still has. */
  readonly token: string | null;
  readonly beat: number | null;
}

interface ActiveRow {
  readonly seq: number;
  readonly received_at: number;
  readonly event: string;
  readonly webhookId: string;
  readonly token: string;
  readonly beat: number;
  readonly leaseMs: number;
}

/** Retries are never set further ahead. One that is was set before the clock jumped back, and is due. */
export const FURTHEST_RETRY_MS = 2 * 86_400_000;

/** Leases in a SQLite file. */
export class Leases {
  readonly #watch = new LeaseWatch();
  /** The row of each lease. */
  readonly #seqs = new WeakMap<Lease, number>();

  async lease(connection: Connection, request: LeaseRequest): Promise<readonly Lease[]> {
    // Only reads while nothing is due: an idle inbox neither writes nor locks.
    const due = await connection.read(() => this.#due(connection, request));
    if (due.length === 0) return [];
    const token = crypto.randomUUID();
    return connection.write(() => due.flatMap((candidate) => this.#take(connection, candidate, token, request)));
  }

  renew(connection: Connection, leases: readonly Lease[]): ReturnType<InboxStore['renew']> {
    return connection.write(() =>
      leases.filter((lease) => {
        const sql = 'UPDATE blue_deliveries SET beat = beat + 1 WHERE seq = ? AND lease = ? RETURNING seq';
        return connection.all(sql, this.#seqOf(lease), lease.token).length === 0;
      }),
    );
  }

  recordHandled(connection: Connection, lease: Lease, handled: readonly string[]): Promise<boolean> {
    return connection.write(() => addHandled(connection, this.#seqOf(lease), lease.token, handled));
  }

  settle(connection: Connection, lease: Lease, settlement: Settlement): Promise<boolean> {
    return connection.write(() => {
      const [settled] = this.#end(connection, this.#seqOf(lease), lease.token, settlement);
      if (!settled) return false;
      if (!['retry', 'postponed', 'returned'].includes(settlement.type)) promote(connection, settled.lane);
      return true;
    });
  }

  transaction(connection: Connection, request: TransactionRequest<SqliteTransaction>): Promise<Ended> {
    const { lease, handled, work, signal } = request;
    const conclude = () => addHandled(connection, this.#seqOf(lease), lease.token, handled);
    return runInTransaction(connection, { work, conclude, signal });
  }

  updateLimits(connection: Connection, update: LimitUpdate): Promise<void> {
    return connection.write(() => updateLimits(connection, update, (lease) => this.#seqOf(lease)));
  }

  #due(connection: Connection, { limit, limits = [] }: LeaseRequest): Candidate[] {
    const active = connection.all<ActiveRow>(
      `SELECT seq, received_at, event, webhook_id AS webhookId, lease AS token, beat, lease_ms AS leaseMs
       FROM blue_deliveries WHERE state = 'active'`,
    );
    const pauses = readPauses(connection);
    const isPaused = (scope: PauseScope) => pauses.some((pause) => applies(pause, scope));
    const silent = this.#watch.silent(active, performance.now());
    if (isPaused({})) return []; // everything
    const now = Date.now();
    const ready = (index: string, since: string, which: string, ...parameters: SqliteValue[]) =>
      connection.all<Candidate>(
        `SELECT seq, ${since} AS since, NULL AS token, NULL AS beat FROM blue_deliveries INDEXED BY ${index}
         WHERE state = 'waiting' AND ${which} ORDER BY ${since} LIMIT ?`,
        ...parameters,
        limit,
      );
    const readyOf = (index: string, group: string, ...of: SqliteValue[]) => [
      ...ready(index, 'received_at', `${group} due_at = 0`, ...of),
      ...ready(index, 'due_at', `${group} due_at > 0 AND due_at <= ?`, ...of, now),
      ...ready(index, 'due_at', `${group} due_at > ?`, ...of, now + FURTHEST_RETRY_MS),
    ];
    const groupsOf = () =>
      openGroups(connection, pauses).flatMap(({ event, webhook_id }) =>
        readyOf('blue_waiting', 'event = ? AND webhook_id IS ? AND', event, webhook_id),
      );
    const limited = openKeys(connection, limits).flatMap(({ key, room }) =>
      connection.all<Candidate>(
        `SELECT seq, received_at AS since, NULL AS token, NULL AS beat FROM blue_deliveries INDEXED BY blue_limited
         WHERE state = 'waiting' AND due_at = -1 AND limit_key = ? AND ${notPaused} ORDER BY received_at LIMIT ?`,
        ...[key, Math.min(room, limit)],
      ),
    );
    return [
      ...limited,
      ...active
        .filter((row) => silent.has(row.seq) && !isPaused(row))
        .map(({ seq, received_at, token, beat }) => ({ seq, since: received_at, token, beat })),
      ...(pauses.length === 0 ? readyOf('blue_ready', '') : groupsOf()),
    ]
      .sort((a, b) => a.since - b.since)
      .slice(0, limit);
  }

  #take(connection: Connection, candidate: Candidate, token: string, { leaseMs, findStale }: LeaseRequest): Lease[] {
    const { seq } = candidate;
    const set = "SET state = 'active', attempts = attempts + 1, due_at = 0, lease = ?, lease_ms = ?, beat = 0";
    const taken =
      candidate.token === null
        ? connection.all(
            `UPDATE blue_deliveries ${set} WHERE seq = ? AND state = 'waiting' RETURNING seq`,
            ...[token, leaseMs, seq],
          )
        : connection.all(
            `UPDATE blue_deliveries ${set} WHERE seq = ? AND lease = ? AND beat = ? RETURNING seq`,
            ...[token, leaseMs, seq, candidate.token, candidate.beat],
          );
    const row = taken.length > 0 ? readFullRow(connection, 'seq', seq) : undefined;
    if (!row) return []; // another process has taken it
    const lease: Lease = { delivery: toFullDelivery(row), token, stale: findStale && isStale(connection, seq) };
    this.#seqs.set(lease, seq);
    return [lease];
  }

  #end(connection: Connection, seq: number, token: string, settlement: Settlement): { lane: string | null }[] {
    const end = (set: string, ...parameters: (string | number)[]) =>
      connection.all<{ lane: string | null }>(
        `UPDATE blue_deliveries SET lease = NULL, lease_ms = NULL, beat = NULL, ${set}
         WHERE seq = ? AND lease = ? RETURNING lane`,
        ...[...parameters, seq, token],
      );
    switch (settlement.type) {
      case 'retry':
        return end("state = 'waiting', due_at = ?, last_error = ?", settlement.retryAt.getTime(), settlement.error);
      case 'postponed':
        return end("state = 'waiting', due_at = ?, attempts = attempts - 1", settlement.until.getTime());
      case 'returned':
        return end("state = 'waiting', due_at = 0, attempts = attempts - 1");
      case 'dead':
        return end("state = 'dead', finished_at = ?, last_error = ?", Date.now(), settlement.error);
      default:
        return end('state = ?, finished_at = ?, handled = NULL', settlement.type, Date.now());
    }
  }

  #seqOf(lease: Lease): number {
    return this.#seqs.get(lease) ?? -1; // a lease of another store
  }
}

function isStale(connection: Connection, seq: number): boolean {
  const newer = connection.all(
    `SELECT 1 FROM blue_deliveries AS mine JOIN blue_deliveries AS other ON other.entity_id = mine.entity_id
     WHERE mine.seq = ? AND other.state = 'done' AND other.entity_updated_at > mine.entity_updated_at LIMIT 1`,
    seq,
  );
  return newer.length > 0;
}
