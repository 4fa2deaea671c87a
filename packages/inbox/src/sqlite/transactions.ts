import type { SqliteDatabase } from './driver';
import { prepare } from './statements';

/** How the inbox begins and ends its transactions, which are never open across a turn of the event loop. */
export interface Transactions {
  /** @throws what the driver throws, with nothing begun */
  begin(): void;
  commit(): void;
  /** Undoes what was begun, unless SQLite has done so by itself. */
  rollBack(): void;
}

/** SQLite itself waits only for a moment, since that blocks the process; longer waits are ours. */
const BLOCKING_WAIT_MS = 20;

/**
 * What the inbox needs of a connection. FULL flushes the log at every commit; fullfsync makes a Mac flush its disk's cache as
 * well, and changes nothing elsewhere. secure_delete overwrites deleted content with zeros: SQLite would leave it in the file.
 */
const needed = [
  { pragma: 'busy_timeout', value: BLOCKING_WAIT_MS, suffices: (now: number) => now <= BLOCKING_WAIT_MS },
  { pragma: 'synchronous', value: 2, suffices: (now: number) => now >= 2 },
  { pragma: 'fullfsync', value: 1, suffices: (now: number) => now === 1 },
  { pragma: 'secure_delete', value: 1, suffices: (now: number) => now === 1 },
] as const;

/** Transactions on a connection of the inbox's own. */
export function ownTransactions(database: SqliteDatabase): Transactions {
  return {
    begin: () => void database.exec('BEGIN IMMEDIATE'),
    commit: () => void database.exec('COMMIT'),
    rollBack() {
      try {
        database.exec('ROLLBACK');
      } catch {
        // Rolled back by SQLite itself.
      }
    },
  };
}

/** Sets what the inbox needs of a connection of its own. */
export function configure(database: SqliteDatabase): void {
  for (const { pragma, value } of needed) set(database, pragma, value);
}

/**
 * Transactions on a handle that the application may use, too. What the inbox needs is set for the transaction alone, and what
 * the application had set is put back before any other code runs.
 */
export function sharedTransactions(database: SqliteDatabase): Transactions {
  const own = ownTransactions(database);
  let changed: { pragma: string; before: number }[] = [];

  function restore(): void {
    for (const { pragma, before } of changed.splice(0)) set(database, pragma, before);
  }

  return {
    begin() {
      changed = [];
      try {
        for (const { pragma, value, suffices } of needed) {
          const before = readPragma(database, pragma);
          if (suffices(before)) continue;
          set(database, pragma, value); // refused inside the application's transaction
          changed.push({ pragma, before });
        }
        own.begin();
      } catch (error) {
        restore();
        throw error;
      }
    },
    commit() {
      own.commit();
      restore();
    },
    rollBack() {
      own.rollBack();
      restore();
    },
  };
}

const set = (database: SqliteDatabase, pragma: string, value: number): void =>
  void database.exec(`PRAGMA ${pragma} = ${value}`);

/** The column has the pragma's name, or another: `timeout` for busy_timeout. */
function readPragma(database: SqliteDatabase, pragma: string): number {
  const [row] = prepare(database, `PRAGMA ${pragma}`).all();
  return Number(Object.values((row ?? {}) as object)[0] ?? 0);
}
