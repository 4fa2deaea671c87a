import { StoreError } from '../store-error';
import { migrate, type Tables } from './migrate';
import { type PostgresPool, type Query, queryOn } from './pool';
import type { Schema } from './schema';

/** Tables that are brought up to date before they are used. */
export interface Opening {
  /** @throws StoreError if they cannot be used */
  open(): Promise<void>;
  /** Opens them when necessary, and again after a failure. */
  using<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

/** Prepares to open tables. */
export function createOpening(pool: PostgresPool, schema: Schema, tables: Tables): Opening {
  let opened: Promise<void> | undefined;

  function open(): Promise<void> {
    opened ??= prepare(queryOn(pool), schema, tables).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  return {
    open,
    async using(work) {
      await open();
      return work();
    },
    close() {
      opened = undefined;
    },
  };
}

/** @throws StoreError `NOT_DURABLE` if a crash could lose acknowledged deliveries, `NEWER_INBOX` */
async function prepare(query: Query, schema: Schema, tables: Tables): Promise<void> {
  const [settings] = await query<{ commit: string; fsync: string; version: number }>(
    `SELECT current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync,
       current_setting('server_version_num')::integer AS version`,
  );
  if (settings?.commit === 'off') {
    throw new StoreError(
      'NOT_DURABLE',
      `PostgreSQL runs with synchronous_commit = off: a crash would lose acknowledged deliveries. Set it to on for the ${tables.owner}: ALTER ROLE <user> SET synchronous_commit = on, or options=-csynchronous_commit=on in the connection string.`,
    );
  }
  if (settings?.fsync === 'off') {
    throw new StoreError(
      'NOT_DURABLE',
      'PostgreSQL runs with fsync = off: a power cut would lose acknowledged deliveries. Set fsync = on.',
    );
  }
  await migrate(query, schema, tables);
}
