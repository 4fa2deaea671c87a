import type { LimitRule } from '../limit-options';
import { holderOf, opensAt, parseState, roomFor } from '../limit-state';
import type { Lease, LimitUpdate, StoredLimits } from '../store';
import type { Connection, Reader } from './connection';
import { notPaused } from './pauses';

interface StateRow {
  readonly key: string;
  readonly state: string | null;
}

const stored = (reader: Reader, rows: readonly StateRow[]): StoredLimits => ({
  now: Date.now(),
  states: new Map(rows.flatMap(({ key, state }) => (state === null ? [] : [[key, state] as const]))),
  active: new Set(
    reader
      .all<{ id: string; lease: string }>("SELECT id, lease FROM blue_deliveries WHERE state = 'active'")
      .map(({ id, lease }) => holderOf(lease, id)),
  ),
});

/** Returns what is stored of all keys; nothing for a file of a version without limits that is only read. */
export function readLimits(reader: Reader): StoredLimits {
  const [table] = reader.all("SELECT 1 FROM sqlite_schema WHERE name = 'blue_limits'");
  return stored(reader, table ? reader.all<StateRow>('SELECT key, state FROM blue_limits') : []);
}

const firstKey =
  "SELECT min(limit_key) FROM blue_deliveries INDEXED BY blue_limited WHERE state = 'waiting' AND due_at = -1";
/** One read of the index for each key, however many deliveries wait for it. */
const awaitedKeys = `WITH RECURSIVE awaited (key) AS (
    ${firstKey} UNION ALL SELECT (${firstKey} AND limit_key > awaited.key) FROM awaited WHERE awaited.key IS NOT NULL
  ) SELECT awaited.key, state FROM awaited LEFT JOIN blue_limits USING (key) WHERE awaited.key IS NOT NULL`;

/** Returns the keys for which deliveries wait that may be leased, and how many of each. */
export function openKeys(reader: Reader, rules: readonly LimitRule[]): readonly { key: string; room: number }[] {
  const rows = reader.all<StateRow>(awaitedKeys);
  if (rows.length === 0) return [];
  const limits = stored(reader, rows);
  return rows.map(({ key }) => ({ key, room: roomFor(key, rules, limits) })).filter(({ room }) => room >= 1);
}

/** Returns when the first key may open for which deliveries wait that are not paused, in milliseconds since 1970. */
export function nextOpening(reader: Reader): number | undefined {
  const waits = `SELECT 1 FROM blue_deliveries INDEXED BY blue_limited
    WHERE state = 'waiting' AND due_at = -1 AND limit_key = ? AND ${notPaused} LIMIT 1`;
  const opening = reader
    .all<StateRow>(awaitedKeys)
    .filter(({ key }) => reader.all(waits, key).length > 0)
    .map(({ state }) => opensAt(parseState(state ?? undefined)));
  return opening.length === 0 ? undefined : Math.min(...opening);
}

/** Changes what is stored of limits, in the transaction that is open. */
export function updateLimits(
  connection: Connection,
  { keys, change }: LimitUpdate,
  seqOf: (lease: Lease) => number,
): void {
  const rows = keys.flatMap((key) => connection.all<StateRow>('SELECT key, state FROM blue_limits WHERE key = ?', key));
  const { states, waiting } = change(stored(connection, rows));
  for (const { key, state, expiresAt } of states) {
    if (state === undefined) connection.run('DELETE FROM blue_limits WHERE key = ?', key);
    else connection.run('INSERT OR REPLACE INTO blue_limits VALUES (?, ?, ?)', key, state, expiresAt ?? null);
  }
  for (const { lease, key } of waiting) {
    connection.run(
      `UPDATE blue_deliveries SET state = 'waiting', due_at = -1, limit_key = ?, attempts = attempts - 1,
         lease = NULL, lease_ms = NULL, beat = NULL
       WHERE seq = ? AND lease = ?`,
      ...[key, seqOf(lease), lease.token],
    );
  }
}

/** Deletes the states that have expired. */
export function forgetLimits(connection: Connection): void {
  connection.run('DELETE FROM blue_limits WHERE expires_at < ?', Date.now());
}
