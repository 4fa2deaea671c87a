import type { PruneRequest } from '../store';
import { CHUNK, type Connection } from './connection';
import { forgetLimits } from './limits';
import type { DeliveryRow } from './row';

/** Deletes finished deliveries, and forgets old ids. Returns how many deliveries were deleted. */
export async function prune(connection: Connection, { before, states, forgetBefore }: PruneRequest): Promise<number> {
  let pruned = 0;
  for (const state of states) {
    for (let chunk = CHUNK; chunk === CHUNK; ) {
      chunk = await connection.write(() => {
        const rows = connection.all<Pick<DeliveryRow, 'seq' | 'id' | 'received_at'>>(
          `DELETE FROM blue_deliveries WHERE seq IN (
             SELECT seq FROM blue_deliveries INDEXED BY blue_by_state WHERE state = ? AND received_at < ? LIMIT ${CHUNK}
           ) RETURNING seq, id, received_at`,
          ...[state, before.getTime()],
        );
        for (const { seq, id, received_at } of rows) {
          connection.run('DELETE FROM blue_bodies WHERE seq = ?', seq);
          connection.run('INSERT INTO blue_digests VALUES (?, ?) ON CONFLICT DO NOTHING', id, received_at);
        }
        return rows.length;
      });
      pruned += chunk;
    }
  }
  for (let chunk = CHUNK; chunk === CHUNK; ) {
    chunk = await connection.write(
      () =>
        connection.all(
          `DELETE FROM blue_digests WHERE id IN (
             SELECT id FROM blue_digests INDEXED BY blue_digests_by_time WHERE received_at < ? LIMIT ${CHUNK}
           ) RETURNING 1`,
          forgetBefore.getTime(),
        ).length,
    );
  }
  await connection.write(() => forgetLimits(connection));
  return pruned;
}
