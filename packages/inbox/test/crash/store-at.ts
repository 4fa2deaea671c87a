import pg from 'pg';
import { type InboxStore, sqliteStore } from '../../src/index';
import { postgresStore } from '../../src/postgres';

/** The store at a place: a SQLite file by its path, or a PostgreSQL database by its URL. */
export function storeAt(place: string): InboxStore {
  if (!place.startsWith('postgres://')) return sqliteStore(place);
  const pool = new pg.Pool({ connectionString: place });
  pool.on('error', () => {}); // a server that restarts ends idle connections
  const store = postgresStore(pool);
  return { ...store, close: async () => void (await pool.end()) };
}
