import { nextTurn } from '#runtime';
import type { DeliveryState } from '../delivery';
import type { EraseSelection, Erasure } from '../store';
import { StoreError } from '../store-error';
import { CHUNK, type Connection, type SqliteValue } from './connection';
import { promote } from './lanes';

interface ErasedRow {
  readonly id: string;
  readonly lane: string | null;
  readonly state: DeliveryState;
  readonly received_at: number;
}

/** How many rows are examined before other work has a turn: there is no index on webhooks. */
const WINDOW = 10_000;

/**
 * Deletes deliveries, and overwrites their bytes: `secure_delete` is on, and the write-ahead log is emptied afterwards.
 * @throws StoreError NOT_ERASED if others keep the log in use
 */
export async function erase(connection: Connection, selection: EraseSelection): Promise<Erasure> {
  const seqs = await find(connection, selection);
  let erased = 0;
  let active = 0;
  for (let from = 0; from < seqs.length; from += CHUNK) {
    const chunk = seqs.slice(from, from + CHUNK);
    const rows = await connection.write(() => deleteRows(connection, chunk));
    erased += rows.length;
    active += rows.filter(({ state }) => state === 'active').length;
  }
  if (await connection.emptyLog()) return { erased, active };
  throw new StoreError(
    'NOT_ERASED',
    'The deliveries are deleted, but another connection reads the file, so that their bytes are still in its write-ahead log: erase them again when it has ended.',
  );
}

async function find(connection: Connection, { ids, entityId, webhookId }: EraseSelection): Promise<readonly number[]> {
  const conditions: [sql: string, value: SqliteValue][] = [];
  if (entityId !== undefined) conditions.push(['entity_id = ?', entityId]);
  if (webhookId !== undefined) conditions.push(['webhook_id = ?', webhookId]);
  const select = (index: string, ...more: [sql: string, value: SqliteValue][]) => {
    const every = [...more, ...conditions];
    const sql = `SELECT seq FROM blue_deliveries ${index} WHERE ${every.map(([condition]) => condition).join(' AND ')}`;
    return connection.read(() => connection.all<{ seq: number }>(sql, ...every.map(([, value]) => value)));
  };
  const found: { seq: number }[] = [];
  if (ids !== undefined) {
    for (const id of new Set(ids)) found.push(...(await select('', ['id = ?', id])));
  } else if (entityId !== undefined) {
    found.push(...(await select('INDEXED BY blue_by_entity')));
  } else {
    const [last] = await connection.read(() =>
      connection.all<{ seq: number | null }>('SELECT max(seq) AS seq FROM blue_deliveries'),
    );
    for (let from = 0; from < (last?.seq ?? 0); from += WINDOW) {
      found.push(...(await select('', ['seq > ?', from], ['seq <= ?', from + WINDOW])));
      await nextTurn();
    }
  }
  return found.map(({ seq }) => seq);
}

function deleteRows(connection: Connection, seqs: readonly number[]): readonly ErasedRow[] {
  const rows = seqs.flatMap((seq) => {
    connection.run('DELETE FROM blue_bodies WHERE seq = ?', seq);
    return connection.all<ErasedRow>(
      'DELETE FROM blue_deliveries WHERE seq = ? RETURNING id, lane, state, received_at',
      seq,
    );
  });
  for (const { id, received_at } of rows) {
    connection.run('INSERT INTO blue_digests VALUES (?, ?) ON CONFLICT DO NOTHING', id, received_at);
  }
  for (const lane of new Set(rows.map((row) => row.lane))) promote(connection, lane);
  return rows;
}
