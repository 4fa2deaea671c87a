import type { Connection } from './connection';

/** As the index on lanes has it: a query that says the same uses it. */
export const unfinished = "state IN ('held', 'waiting', 'active')";

/** Whether a lane has deliveries that are not finished. */
export function isTaken(connection: Connection, lane: string): boolean {
  return connection.all(`SELECT 1 FROM blue_deliveries WHERE lane = ? AND ${unfinished} LIMIT 1`, lane).length > 0;
}

/** Lets the first that is held in a lane wait for its turn, unless another of the lane does already. */
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
