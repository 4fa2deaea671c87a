import type { BlueEvent, EventHandler, Ledger } from '@blue-webhooks/core';
import pg from 'pg';
import { type InboxStore, sqliteLedger, sqliteStore } from '../../src/index';
import { postgresLedger, postgresStore } from '../../src/postgres';
import { insertEffect } from './effects';

const isPostgres = (place: string) => place.startsWith('postgres://');

function poolAt(place: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: place });
  pool.on('error', () => {}); // a server that restarts ends idle connections
  return pool;
}

/** The store at a place: a SQLite file by its path, or a PostgreSQL database by its URL. */
export function storeAt(place: string): InboxStore {
  if (!isPostgres(place)) return sqliteStore(place);
  const pool = poolAt(place);
  const store = postgresStore(pool);
  return { ...store, close: async () => void (await pool.end()) };
}

/** The ledger at a place, and the handler that writes an effect in a transaction of it. */
export function ledgerAt(
  place: string,
  leaseMs: number,
): { ledger: Ledger; transaction: EventHandler<BlueEvent>; close: () => Promise<void> } {
  const options = { leaseMs, ttlMs: 600_000 };
  if (!isPostgres(place)) {
    const ledger = sqliteLedger(place, options);
    return {
      ledger,
      transaction: ledger.transaction((_event, tx, { id }) => insertEffect(tx, id)),
      close: ledger.close,
    };
  }
  const pool = poolAt(place);
  const ledger = postgresLedger(pool, options);
  const transaction = ledger.transaction((_event, tx, { id }) => insertEffect(tx, id));
  return { ledger, transaction, close: () => pool.end() };
}
