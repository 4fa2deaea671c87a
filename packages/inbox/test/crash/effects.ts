import pg from 'pg';
import type { SqliteTransaction } from '../../src/index';
import type { PostgresTransaction } from '../../src/postgres';
import { openSqlite } from '../../src/sqlite/driver';

/** Writes the effect of a delivery. Nothing in the table forbids a second one. */
export function insertEffect(tx: unknown, id: string): unknown {
  const either = tx as SqliteTransaction | PostgresTransaction;
  if ('run' in either) return either.run('INSERT INTO effects VALUES (?)', id);
  return either.query('INSERT INTO effects VALUES ($1)', [id]);
}

/** Runs a statement beside the inbox or the ledger, in a database that exists. */
async function run(path: string, sql: string): Promise<{ id: string; times: number }[]> {
  if (path.startsWith('postgres:')) {
    const client = new pg.Client(path);
    await client.connect();
    const { rows } = await client.query(sql);
    await client.end();
    return rows;
  }
  const database = await openSqlite(path);
  const rows = sql.startsWith('SELECT') ? database.prepare(sql).all() : [];
  if (!sql.startsWith('SELECT')) database.exec(sql);
  database.close();
  return rows as { id: string; times: number }[];
}

export async function createEffects(path: string): Promise<void> {
  await run(path, 'CREATE TABLE effects (delivery_id text)');
}

/** How many effects each delivery has that has any. */
export async function countEffects(path: string): Promise<ReadonlyMap<string, number>> {
  const rows = await run(path, 'SELECT delivery_id AS id, count(*) AS times FROM effects GROUP BY delivery_id');
  return new Map(rows.map((row) => [row.id, Number(row.times)]));
}

/** Each number of effects that one of these deliveries has: `[1]` if every delivery has exactly one. */
export async function effectsOf(path: string, ids: readonly string[]): Promise<readonly number[]> {
  const times = await countEffects(path);
  return [...new Set(ids.map((id) => times.get(id) ?? 0))];
}
