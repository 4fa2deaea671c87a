import type { Connection } from './connection';

/** The condition of the index on lanes: a query uses the index only with the same condition. */
export const unfinished = "state IN ('held', 'waiting', 'active')";

/** Returns whether a lane has unfinished deliveries. */
export function isTaken(connection: Connection, lane: string): boolean {
  return connection.all(`SELECT 1 FROM blue_deliveries WHERE lane = ? AND ${unfinished} LIMIT 1`, lane).length > 0;
}

/** Makes the first held delivery of a lane wait, unless another of the lane waits or is active. */
export function promote(connection: Connection, lane: string | null): void {
  if (lane === null) return;
  connection.run(
    `UPDATE blue_deliveries SET state = 'waiting', due_at = 0
     WHERE seq = (SELECT seq FROM blue_deliveries WHERE lane = ? AND state = 'held' AND ${unfinished} ORDER BY seq LIMIT 1)
       AND NOT EXISTS (SELECT 1 FROM blue_deliveries WHERE lane = ? AND state = 'waiting' AND ${unfinished})
       AND NOT EXISTS (SELECT 1 FROM blue_deliveries WHERE lane = ? AND state = 'active' AND ${unfinished})`,
    ...[lane, lane, lane],
  );
}
