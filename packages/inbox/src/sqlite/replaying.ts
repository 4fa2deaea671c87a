import type { ReplaySelection } from '../store';
import { CHUNK, type Connection } from './connection';
import { promote, unfinished } from './lanes';
import type { DeliveryRow } from './row';
import { type Position, selectionOf } from './selection';

/** Makes deliveries run again. Returns how many. */
export async function replay(connection: Connection, selection: ReplaySelection): Promise<number> {
  if ('ids' in selection) {
    const ids = [...new Set(selection.ids)];
    let replayed = 0;
    for (let from = 0; from < ids.length; from += CHUNK) {
      const chunk = ids.slice(from, from + CHUNK);
      replayed += await connection.write(() => again(connection, 'id', chunk));
    }
    return replayed;
  }
  let replayed = 0;
  for (let after: Position | undefined; ; ) {
    const { from, parameters } = selectionOf(selection.filter, after ? { after } : {});
    const rows = await connection.read(() =>
      connection.all<Pick<DeliveryRow, 'seq' | 'received_at'>>(
        `SELECT seq, received_at ${from} ORDER BY received_at, seq LIMIT ${CHUNK}`,
        ...parameters,
      ),
    );
    const last = rows.at(-1);
    if (!last) return replayed;
    const seqs = rows.map(({ seq }) => seq);
    replayed += await connection.write(() => again(connection, 'seq', seqs));
    after = { receivedAt: last.received_at, seq: last.seq };
  }
}

/** Puts deliveries back in their places in their lanes, and makes the first of each lane wait. */
function again(connection: Connection, key: 'id' | 'seq', values: readonly (string | number)[]): number {
  const rows = values.flatMap((value) =>
    connection.all<{ lane: string | null }>(
      `UPDATE blue_deliveries SET attempts = 0, due_at = 0, finished_at = NULL,
         state = CASE WHEN lane IS NULL OR state = 'waiting' THEN 'waiting' ELSE 'held' END
       WHERE ${key} = ? AND state NOT IN ('held', 'active') RETURNING lane`,
      value,
    ),
  );
  for (const lane of new Set(rows.map((row) => row.lane))) promote(connection, lane);
  return rows.length;
}

/** Makes an unfinished delivery a dead letter. Returns whether there was one. */
export function markDead(connection: Connection, id: string): boolean {
  const [row] = connection.all<{ lane: string | null }>(
    `UPDATE blue_deliveries
     SET state = 'dead', finished_at = ?, last_error = 'Marked as dead by hand.', lease = NULL, lease_ms = NULL, beat = NULL
     WHERE id = ? AND ${unfinished} RETURNING lane`,
    ...[Date.now(), id],
  );
  if (row) promote(connection, row.lane);
  return row !== undefined;
}
