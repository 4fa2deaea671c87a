import type {
  DeadLetterAnswer,
  FailAnswer,
  FinishAnswer,
  LedgerAnswer,
  ReleaseAnswer,
  RenewAnswer,
} from '@blue-webhooks/core';
import type { Connection } from './connection';
import type { Tables } from './schema';

/** The table of `sqliteLedger`. */
export const ledgerTables: Tables = {
  owner: 'ledger',
  version: 'blue_ledger_version',
  migrations: [
    `
    CREATE TABLE blue_ledger (
      id TEXT PRIMARY KEY,
      state TEXT NOT NULL,             -- open, done, dead-lettered
      failures INTEGER NOT NULL,
      token TEXT,                      -- of the lease; of a delivery that a transaction has finished, until its holder confirms that
      lease_ends_at INTEGER NOT NULL,  -- this and all times in milliseconds since 1970
      counted INTEGER NOT NULL,        -- 1 if a failure was counted under this lease
      forget_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX blue_ledger_by_time ON blue_ledger (forget_at);
    `,
  ],
};

/** How long a ledger remembers, and a lease lasts, in milliseconds. */
export interface LedgerTimes {
  readonly ttlMs: number;
  readonly leaseMs: number;
}

interface LedgerRecord {
  readonly state: 'open' | 'done' | 'dead-lettered';
  readonly failures: number;
  readonly token: string | null;
  readonly lease_ends_at: number;
  readonly counted: number;
  readonly forget_at: number;
}

/** Runs statements in the transaction that is open. */
export type Statements = Pick<Connection, 'all' | 'run'>;

/** How many forgotten deliveries are deleted for each new one, so that no clean-up is needed. */
const FORGOTTEN_PER_BEGIN = 8;

const fresh = { state: 'open', failures: 0, token: null, lease_ends_at: 0, counted: 0 } as const;

function recall(on: Statements, id: string): LedgerRecord | undefined {
  return on.all<LedgerRecord>('SELECT * FROM blue_ledger WHERE id = ? AND forget_at > ?', id, Date.now())[0];
}

function recallHeld(on: Statements, id: string, token: string): LedgerRecord | undefined {
  const record = recall(on, id);
  return record?.token === token ? record : undefined;
}

function remember(on: Statements, id: string, record: LedgerRecord): void {
  const { state, failures, token, lease_ends_at, counted, forget_at } = record;
  on.run(
    `INSERT INTO blue_ledger VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, failures = excluded.failures,
       token = excluded.token, lease_ends_at = excluded.lease_ends_at, counted = excluded.counted, forget_at = excluded.forget_at`,
    ...[id, state, failures, token, lease_ends_at, counted, forget_at],
  );
}

/** A time from now on, which every driver can return as a number. */
const after = (ms: number): number => Math.min(Date.now() + ms, Number.MAX_SAFE_INTEGER);
const keptUntil = ({ ttlMs, leaseMs }: LedgerTimes): number => after(Math.max(ttlMs, leaseMs));

/** `begin` of a ledger, in a transaction that is open. */
export function begin(on: Statements, id: string, token: string, times: LedgerTimes): LedgerAnswer {
  const record = recall(on, id) ?? { ...fresh, forget_at: 0 };
  if (record.state !== 'open') return { state: 'done' };
  if (record.token !== null && record.lease_ends_at > Date.now()) return { state: 'in-progress' };
  const died = record.token !== null && record.counted === 0;
  const failures = record.failures + (died ? 1 : 0);
  on.run(
    'DELETE FROM blue_ledger WHERE id IN (SELECT id FROM blue_ledger WHERE forget_at <= ? AND id <> ? LIMIT ?)',
    ...[Date.now(), id, FORGOTTEN_PER_BEGIN],
  );
  const lease = { token, lease_ends_at: after(times.leaseMs), counted: 0 };
  remember(on, id, { state: 'open', failures, ...lease, forget_at: keptUntil(times) });
  return { state: 'new', token, attempt: failures + 1 };
}

/** `renew` of a ledger. */
export function renew(on: Statements, id: string, token: string, times: LedgerTimes): RenewAnswer {
  const record = recallHeld(on, id, token);
  if (!record) return staleOrDeadLettered(on, id);
  const forget_at = Math.max(record.forget_at, after(times.leaseMs));
  remember(on, id, { ...record, lease_ends_at: after(times.leaseMs), forget_at });
  return 'renewed';
}

/**
 * `finish` of a ledger. `inTransaction`: of a handler. The token is kept then, so that its holder, which finishes once more when the
 * handler has returned, is not taken for a stale one.
 */
export function finish(
  on: Statements,
  id: string,
  token: string,
  { ttlMs }: Pick<LedgerTimes, 'ttlMs'>,
  inTransaction: boolean,
): FinishAnswer {
  const record = recallHeld(on, id, token);
  if (!record) return staleOrDeadLettered(on, id);
  remember(on, id, {
    ...record,
    state: 'done',
    token: inTransaction ? token : null,
    forget_at: after(ttlMs),
  });
  return 'finished';
}

/** `fail` of a ledger. */
export function fail(on: Statements, id: string, token: string | undefined, times: LedgerTimes): FailAnswer {
  const record = recall(on, id) ?? { ...fresh, forget_at: 0 };
  if (record.state !== 'open') return 'done';
  if (token !== undefined && record.token !== token) return 'stale';
  const failures = record.failures + 1;
  const counted = token === undefined ? record.counted : 1;
  remember(on, id, { ...record, failures, counted, forget_at: keptUntil(times) });
  return failures;
}

/** `release` of a ledger. */
export function release(on: Statements, id: string, token: string): ReleaseAnswer {
  const record = recallHeld(on, id, token);
  if (!record) return staleOrDeadLettered(on, id);
  remember(on, id, { ...record, token: null });
  return 'released';
}

/** `deadLetter` of a ledger. */
export function deadLetter(on: Statements, id: string, { ttlMs }: LedgerTimes): DeadLetterAnswer {
  if (recall(on, id)?.state === 'done') return 'done';
  remember(on, id, { ...fresh, state: 'dead-lettered', forget_at: after(ttlMs) });
  return 'dead-lettered';
}

const staleOrDeadLettered = (on: Statements, id: string): 'stale' | 'dead-lettered' =>
  recall(on, id)?.state === 'dead-lettered' ? 'dead-lettered' : 'stale';
