import type { DeliveryState } from '../delivery';
import { allLimitStats } from '../limit-state';
import { oldestWaitingMs } from '../oldest-waiting';
import type { InboxStats } from '../store';
import { readLimits } from './limits';
import type { Query } from './pool';
import type { Schema } from './schema';

/**
 * Reads one entry of an index. With `state = 'waiting'`, PostgreSQL may choose the index on the time alone, and read every
 * delivery that is older than the first that waits: only the index on both has the order of a range.
 */
export const oldestWaiting = ({ deliveries }: Schema): string =>
  `SELECT received_at FROM ${deliveries} WHERE state BETWEEN 'waiting' AND 'waiting' ORDER BY state, received_at, seq LIMIT 1`;

/** Returns how many deliveries are in each state, the age of the oldest that waits, and the keys of limits. */
export async function readStats(query: Query, schema: Schema): Promise<InboxStats> {
  const rows = await query<{ state: DeliveryState; count: number; oldest: number | null }>(
    `SELECT state, sum(count)::float8 AS count, (${oldestWaiting(schema)})::float8 AS oldest FROM ${schema.counts} GROUP BY state`,
  );
  const counted = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  const oldest = rows[0]?.oldest ?? undefined;
  const limits = allLimitStats(await readLimits(query, schema));
  const none = { held: 0, waiting: 0, active: 0, done: 0, skipped: 0, dead: 0 };
  return { ...none, ...counted, oldestWaitingMs: oldestWaitingMs(oldest), limits };
}
