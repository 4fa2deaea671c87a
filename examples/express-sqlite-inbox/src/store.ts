import { type InboxStore, sqliteStore } from '@blue-webhooks/inbox';
import { postgresStore } from '@blue-webhooks/inbox/postgres';
import pg from 'pg';

/** The store that the environment names: PostgreSQL with `DATABASE_URL`, otherwise the SQLite file of `INBOX_PATH`. */
export function createStore({ DATABASE_URL, INBOX_PATH = 'blue-inbox.db' }: NodeJS.ProcessEnv): InboxStore {
  if (DATABASE_URL === undefined) return sqliteStore(INBOX_PATH);
  const pool = new pg.Pool({ connectionString: DATABASE_URL });
  pool.on('error', ({ message }) => console.error('An idle connection was closed:', message));
  return postgresStore(pool);
}
