import { randomUUID } from 'node:crypto';
import { checkedStore } from './checked-store';
import {
  type DeliveryState,
  type FullInboxDelivery,
  factsOf,
  type InboxDelivery,
  type NewDelivery,
  unfinishedStates,
} from './delivery';
import { LeaseWatch } from './lease-watch';
import type { LimitRule } from './limit-options';
import { allLimitStats, holderOf, roomFor, waitingFor } from './limit-state';
import { oldestWaitingMs } from './oldest-waiting';
import { applies, type Pause, type PauseScope } from './pauses';
import { DEFAULT_LIMIT, type DeliveryFilter, type InboxStore, type Lease, type StoredLimits } from './store';

interface Row extends NewDelivery {
  readonly seq: number;
  state: DeliveryState;
  attempts: number;
  /** 0: immediately. */
  dueAt: number;
  /** The key of the limit for which it waits. */
  limitKey: string | undefined;
  finishedAt: Date | undefined;
  lastError: string | undefined;
  handled: readonly string[];
  lease: { readonly token: string; readonly leaseMs: number; beat: number } | undefined;
}

/**
 * Stores deliveries in this process's memory, for tests. Acknowledged deliveries are lost when the process ends; a started
 * inbox reports that to `onEvent` as `not-durable`.
 */
export function memoryStore(): InboxStore {
  return memoryStoreAt(Date.now);
}

/** Stores deliveries in memory, by a clock that decides when retries are due. */
export function memoryStoreAt(now: () => number): InboxStore {
  const rows = new Map<string, Row>();
  /** Ids of deleted deliveries, and when they were received. */
  const digests = new Map<string, Date>();
  const pauses = new Map<string, Pause>();
  const limits = new Map<string, { readonly state: string; readonly expiresAt: number | undefined }>();
  const scopeKey = ({ event, webhookId }: PauseScope) => JSON.stringify([event, webhookId]);
  const watch = new LeaseWatch();
  let lastSeq = 0;

  const all = () => [...rows.values()];
  const unfinished = ({ state }: Row) => (unfinishedStates as readonly DeliveryState[]).includes(state);
  const laneOf = ({ lane }: Row) =>
    lane === undefined ? [] : all().filter((row) => row.lane === lane && unfinished(row));
  const holder = ({ delivery: { id }, token }: Lease) => {
    const row = rows.get(id);
    return row?.lease?.token === token ? row : undefined;
  };

  function finish(row: Row, state: 'done' | 'skipped' | 'dead', lastError = row.lastError): void {
    Object.assign(row, { state, lastError, lease: undefined, limitKey: undefined, finishedAt: new Date() });
    if (state !== 'dead') row.handled = [];
    promote(row);
  }

  /** Makes the first held delivery of a lane wait, unless another of the lane waits or is active. */
  function promote(row: Row): void {
    const lane = laneOf(row);
    if (lane.some(({ state }) => state !== 'held')) return;
    const next = lane.sort((a, b) => a.seq - b.seq)[0];
    if (next) Object.assign(next, { state: 'waiting', dueAt: 0 });
  }

  const storedLimits = (): StoredLimits => ({
    now: now(),
    states: new Map([...limits].map(([key, { state }]) => [key, state])),
    active: new Set(all().flatMap(({ id, lease }) => (lease ? [holderOf(lease.token, id)] : []))),
  });

  /** Takes as many of the rows that wait for a limit as it allows, in order. */
  function withinLimits(due: readonly Row[], rules: readonly LimitRule[]): readonly Row[] {
    const stored = storedLimits();
    const rooms = new Map<string, number>();
    return due.filter(({ limitKey: key }) => {
      if (key === undefined) return true;
      const room = rooms.get(key) ?? roomFor(key, rules, stored);
      rooms.set(key, room - 1);
      return room >= 1;
    });
  }

  function stale(row: Row): boolean {
    const { entityId, entityUpdatedAt } = row;
    if (entityId === undefined || !entityUpdatedAt) return false;
    return all().some(
      (other) =>
        other.state === 'done' && other.entityId === entityId && Number(other.entityUpdatedAt) > +entityUpdatedAt,
    );
  }

  function select(filter: DeliveryFilter): Row[] {
    const { state, event, entityId, since } = filter;
    return all().filter(
      (row) =>
        (state === undefined || row.state === state) &&
        (event === undefined || row.event === event) &&
        (entityId === undefined || row.entityId === entityId) &&
        (since === undefined || row.receivedAt >= since),
    );
  }

  return checkedStore({
    notDurable: 'memoryStore keeps deliveries in memory: they are lost when the process ends.',
    async open() {},
    async probe() {},
    async put(delivery) {
      if (rows.has(delivery.id) || digests.has(delivery.id)) return 'duplicate';
      lastSeq += 1;
      const row: Row = {
        ...delivery,
        seq: lastSeq,
        state: 'waiting',
        attempts: 0,
        dueAt: 0,
        limitKey: undefined,
        finishedAt: undefined,
        lastError: undefined,
        handled: [],
        lease: undefined,
      };
      if (laneOf(row).length > 0) row.state = 'held';
      rows.set(delivery.id, row);
      return 'stored';
    },
    async lease({ limit, leaseMs, findStale, limits: rules = [] }) {
      const active = all().filter(({ state }) => state === 'active');
      const silent = watch.silent(
        active.flatMap(({ seq, lease }) => (lease ? [{ seq, ...lease }] : [])),
        performance.now(),
      );
      const due = all()
        .filter((row) => ![...pauses.values()].some((pause) => applies(pause, row)))
        .filter((row) => silent.has(row.seq) || (row.state === 'waiting' && row.dueAt <= now()))
        .sort((a, b) => (a.dueAt || +a.receivedAt) - (b.dueAt || +b.receivedAt) || a.seq - b.seq);
      const token = randomUUID();
      return withinLimits(due, rules)
        .slice(0, limit)
        .map((row) => {
          const lease = { token, leaseMs, beat: 0 };
          Object.assign(row, { state: 'active', attempts: row.attempts + 1, limitKey: undefined, lease });
          return { delivery: full(row), token, stale: findStale && stale(row) };
        });
    },
    async renew(leases) {
      return leases.filter((lease) => {
        const held = holder(lease)?.lease;
        if (held) held.beat += 1;
        return !held;
      });
    },
    async recordHandled(lease, handled) {
      const row = holder(lease);
      if (row) row.handled = [...new Set([...row.handled, ...handled])];
      return row !== undefined;
    },
    async settle(lease, settlement) {
      const row = holder(lease);
      if (!row) return false;
      if (settlement.type === 'dead') finish(row, 'dead', settlement.error);
      else if (settlement.type === 'retry') {
        const { error, retryAt } = settlement;
        Object.assign(row, { state: 'waiting', lease: undefined, lastError: error, dueAt: +retryAt });
      } else if (settlement.type === 'returned' || settlement.type === 'postponed') {
        const dueAt = settlement.type === 'postponed' ? +settlement.until : 0;
        Object.assign(row, { state: 'waiting', lease: undefined, dueAt, attempts: row.attempts - 1 });
      } else finish(row, settlement.type);
      return true;
    },
    async updateLimits({ keys, change }) {
      const stored = storedLimits();
      const states = new Map([...stored.states].filter(([key]) => keys.includes(key)));
      const { states: changed, waiting } = change({ ...stored, states });
      for (const { key, state, expiresAt } of changed) {
        if (state === undefined) limits.delete(key);
        else limits.set(key, { state, expiresAt });
      }
      for (const { lease, key } of waiting) {
        const row = holder(lease);
        if (!row) continue;
        Object.assign(row, { state: 'waiting', lease: undefined, dueAt: 0, attempts: row.attempts - 1, limitKey: key });
      }
    },
    async stats() {
      const stats: Record<DeliveryState, number> = { held: 0, waiting: 0, active: 0, done: 0, skipped: 0, dead: 0 };
      for (const { state } of rows.values()) stats[state] += 1;
      const waiting = all().filter(({ state }) => state === 'waiting');
      const received = waiting.map(({ receivedAt }) => +receivedAt);
      return {
        ...stats,
        oldestWaitingMs: oldestWaitingMs(waiting.length > 0 ? Math.min(...received) : undefined),
        limits: allLimitStats(storedLimits()),
      };
    },
    async list({ cursor, limit = DEFAULT_LIMIT, ...filter }) {
      const sorted = select(filter).sort((a, b) => +b.receivedAt - +a.receivedAt || b.seq - a.seq);
      if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
        throw new TypeError('cursor must be the cursor of an earlier page.');
      const from = cursor === undefined ? 0 : sorted.findIndex(({ seq }) => String(seq) === cursor) + 1;
      const page = sorted.slice(from, from + limit);
      const last = page.at(-1);
      return {
        deliveries: page.map(shown),
        cursor: last && from + limit < sorted.length ? String(last.seq) : undefined,
      };
    },
    async get(id) {
      const row = rows.get(id);
      return row && full(row);
    },
    async replay(selection) {
      const chosen = 'ids' in selection ? selection.ids.flatMap((id) => rows.get(id) ?? []) : select(selection.filter);
      const replayed = new Set(chosen.filter(({ state }) => state !== 'active' && state !== 'held'));
      for (const row of [...replayed].sort((a, b) => a.seq - b.seq)) {
        const behind = row.state !== 'waiting' && laneOf(row).length > 0;
        Object.assign(row, {
          state: behind ? 'held' : 'waiting',
          attempts: 0,
          dueAt: 0,
          limitKey: undefined,
          finishedAt: undefined,
        });
      }
      return replayed.size;
    },
    async markDead(id) {
      const row = rows.get(id);
      if (!row || !unfinished(row)) return false;
      finish(row, 'dead', 'Marked as dead by hand.');
      return true;
    },
    async prune({ before, states, forgetBefore }) {
      const old = all().filter(({ state, receivedAt }) => states.includes(state) && receivedAt < before);
      for (const { id, receivedAt } of old) {
        rows.delete(id);
        digests.set(id, receivedAt);
      }
      for (const [id, receivedAt] of digests) if (receivedAt < forgetBefore) digests.delete(id);
      for (const [key, { expiresAt }] of limits) if (expiresAt !== undefined && expiresAt < now()) limits.delete(key);
      return old.length;
    },
    async pause(pause) {
      pauses.set(scopeKey(pause), pause);
    },
    resume: async (scope) => pauses.delete(scopeKey(scope)),
    paused: async () => [...pauses.values()].sort((a, b) => +a.since - +b.since),
    async close() {},
  });
}

function shown(row: Row): InboxDelivery {
  const { state, attempts, dueAt, limitKey, finishedAt, lastError } = row;
  const retryAt = state === 'waiting' && dueAt > 0 ? new Date(dueAt) : undefined;
  return { ...factsOf(row), state, attempts, retryAt, finishedAt, lastError, ...waitingFor(limitKey) };
}

function full(row: Row): FullInboxDelivery {
  const { rawBody, signature, secretId, trace, handled } = row;
  return { ...shown(row), rawBody, signature, secretId, trace, handled };
}
