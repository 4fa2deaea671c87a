import type { NewDelivery } from '../delivery';
import { probeDelivery } from '../probe-delivery';
import { insertBody } from './bodies';
import type { Connection } from './connection';
import { isTaken } from './lanes';

/** Stores a delivery, unless its id is known. */
export function insert(connection: Connection, delivery: NewDelivery): 'stored' | 'duplicate' {
  const { id, event, entityId, entityUpdatedAt, webhookId, lane, receivedAt, signature, secretId, trace } = delivery;
  const state = lane !== undefined && isTaken(connection, lane) ? 'held' : 'waiting';
  const [row] = connection.all<{ seq: number }>(
    `INSERT INTO blue_deliveries
       (id, event, entity_id, entity_updated_at, webhook_id, lane, state, received_at, signature, secret_id, trace)
     SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM blue_digests WHERE id = ?)
     ON CONFLICT (id) DO NOTHING RETURNING seq`,
    ...[id, event, entityId ?? null, entityUpdatedAt?.getTime() ?? null, webhookId ?? null, lane ?? null, state],
    ...[receivedAt.getTime(), signature, secretId ?? null, trace ?? null, id],
  );
  if (!row) return 'duplicate';
  insertBody(connection, row.seq, delivery.rawBody);
  return 'stored';
}

/** Checks that a delivery could be stored, by storing one and deleting it again. */
export function probe(connection: Connection): void {
  const delivery = probeDelivery();
  insert(connection, delivery);
  const [row] = connection.all<{ seq: number }>('DELETE FROM blue_deliveries WHERE id = ? RETURNING seq', delivery.id);
  connection.run('DELETE FROM blue_bodies WHERE seq = ?', row?.seq ?? null);
}
