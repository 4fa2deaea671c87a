import { applies } from '../pauses';
import type { Connection } from './connection';
import { FURTHEST_RETRY_MS } from './leases';
import { nextOpening } from './limits';
import { openGroups, readPauses } from './pauses';

/**
 * When deliveries that wait for a limit are due: they are not due now, because a worker has just left them, and other limits can have
 * been set since.
 */
const OPENS_AFTER_MS = 1_000;
const OPENS_WITHIN_MS = 60_000;

/**
 * Returns when the next delivery is due that is not paused, in milliseconds since 1970; 0 for immediately, `undefined` if none
 * waits. Active deliveries are not among them.
 */
export function nextDue(connection: Connection): number | undefined {
  const pauses = readPauses(connection);
  if (pauses.some((pause) => applies(pause, {}))) return undefined; // everything
  const first = (index: string, which: string, ...parameters: (string | null)[]) =>
    connection
      .all<{ due_at: number }>(
        `SELECT due_at FROM blue_deliveries INDEXED BY ${index} WHERE state = 'waiting' AND due_at >= 0 ${which} ORDER BY due_at LIMIT 1`,
        ...parameters,
      )
      .map(({ due_at }) => due_at);
  const due =
    pauses.length === 0
      ? first('blue_ready', '')
      : openGroups(connection, pauses).flatMap(({ event, webhook_id }) =>
          first('blue_waiting', 'AND event = ? AND webhook_id IS ?', event, webhook_id),
        );
  const now = Date.now();
  const ready = due.map((at) => (at > now + FURTHEST_RETRY_MS ? 0 : at));
  const opening = nextOpening(connection);
  if (opening === undefined) return least(ready);
  return least([...ready, Math.min(Math.max(opening, now + OPENS_AFTER_MS), now + OPENS_WITHIN_MS)]);
}

/** Returns whether there are deliveries that a worker has taken. */
export const hasActive = (connection: Connection): boolean =>
  connection.all("SELECT 1 FROM blue_deliveries WHERE state = 'active' LIMIT 1").length > 0;

/** Returns when the first delivery or id is older than what is kept, in milliseconds since 1970; `undefined` if nothing is kept. */
export function nextPrune(connection: Connection, retentionMs: number, dedupeMs: number): number | undefined {
  const oldest = (from: string, ...parameters: string[]) =>
    connection
      .all<{ received_at: number }>(`SELECT received_at FROM ${from} ORDER BY received_at LIMIT 1`, ...parameters)
      .map(({ received_at }) => received_at);
  const finished = (state: string) => oldest('blue_deliveries INDEXED BY blue_by_state WHERE state = ?', state);
  return least([
    ...[...finished('done'), ...finished('skipped')].map((received) => received + retentionMs),
    ...oldest('blue_digests INDEXED BY blue_digests_by_time').map((received) => received + dedupeMs),
  ]);
}

/** The smallest number, `undefined` without any. */
function least(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}
