import type { Tables } from './migrate';
import { type Schema, serverNow } from './schema';

/** The table of `postgresLedger`. */
export const ledgerTables: Tables = {
  owner: 'ledger',
  version: ({ ledgerVersion }) => ledgerVersion,
  migrations: [
    ({ name, ledger }) => `
    CREATE TABLE ${ledger} (
      id text PRIMARY KEY,
      state text NOT NULL,           -- open, done, dead-lettered
      failures integer NOT NULL,
      token text,                    -- of the lease; of a delivery that a transaction has finished, until its holder confirms that
      lease_ends_at bigint NOT NULL, -- this and all times in milliseconds since 1970, by the server's clock
      counted boolean NOT NULL,      -- whether a failure was counted under this lease
      forget_at bigint NOT NULL
    ) WITH (fillfactor = 80);
    CREATE INDEX ledger_by_time ON ${ledger} (forget_at);

    -- Makes the transaction fail in which a stale lease is to be finished, whatever its client does with the error.
    CREATE FUNCTION ${name}.lease_lost() RETURNS text LANGUAGE plpgsql AS $body$
    BEGIN
      RAISE EXCEPTION 'The lease of the delivery was lost.' USING ERRCODE = 'BW001';
    END $body$;
  `,
  ],
};

/** The SQLSTATE of a stale lease. */
export const LEASE_LOST = 'BW001';

/** How many forgotten deliveries are deleted for each new one, so that no clean-up is needed. */
const FORGOTTEN_PER_BEGIN = 8;

/** The SQLSTATE of a row that stays locked. */
export const LOCKED = '55P03';

/** A receiver waits for a second, and a connection that waits serves no other delivery. */
const LOCKED_WITHIN_MS = 500;

const isHeld = `forget_at > ${serverNow} AND id = $1 AND token = $2`;

/** The statements of a ledger. `$1` is the id of the delivery, `$2` the token of the lease, where there is one; times are in milliseconds. */
export const statementsOf = ({ name, ledger }: Schema) => ({
  /**
   * `$3`: for how long the lease lasts, `$4`: for how long the delivery is remembered. Only a lease that is given has an `attempt`. Fails with
   * `LOCKED` while a transaction that finishes the delivery is not committed.
   */
  begin: `
    WITH patience AS MATERIALIZED (
      SELECT set_config('lock_timeout', '${LOCKED_WITHIN_MS}ms', true) -- for this statement
    ), forgotten AS (
      DELETE FROM ${ledger} WHERE id IN (
        SELECT id FROM ${ledger} WHERE forget_at <= ${serverNow} AND id <> $1 LIMIT ${FORGOTTEN_PER_BEGIN} FOR UPDATE SKIP LOCKED
      )
    ), taken AS (
      INSERT INTO ${ledger} AS one (id, state, failures, token, lease_ends_at, counted, forget_at)
      SELECT $1, 'open', 0, $2, ${serverNow} + $3::bigint, false, ${serverNow} + $4::bigint FROM patience
      ON CONFLICT (id) DO UPDATE SET
        failures = CASE WHEN one.forget_at <= ${serverNow} THEN 0 ELSE one.failures + (one.token IS NOT NULL AND NOT one.counted)::integer END,
        state = 'open', token = excluded.token, lease_ends_at = excluded.lease_ends_at, counted = false, forget_at = excluded.forget_at
      WHERE one.forget_at <= ${serverNow} OR (one.state = 'open' AND (one.token IS NULL OR one.lease_ends_at <= ${serverNow}))
      RETURNING failures + 1 AS attempt
    )
    SELECT 'new' AS state, attempt FROM taken
    UNION ALL
    -- As it was when the statement began: what has changed since is found by the next call.
    SELECT CASE WHEN state <> 'open' AND forget_at > ${serverNow} THEN 'done' ELSE 'in-progress' END, 0
    FROM ${ledger} WHERE id = $1 AND NOT EXISTS (TABLE taken)`,

  renew: `
    UPDATE ${ledger} SET lease_ends_at = ${serverNow} + $3::bigint, forget_at = greatest(forget_at, ${serverNow} + $3::bigint)
    WHERE ${isHeld} RETURNING 1`,

  finish: `UPDATE ${ledger} SET state = 'done', token = NULL, forget_at = ${serverNow} + $3::bigint WHERE ${isHeld} RETURNING 1`,

  /**
   * In a transaction of a handler. The token is kept, so that its holder, which finishes once more when the handler has returned, is not
   * taken for a stale one.
   */
  finishInTransaction: `UPDATE ${ledger} SET state = 'done', forget_at = ${serverNow} + $3::bigint WHERE ${isHeld} RETURNING 1`,

  /** The same in a transaction that others commit. */
  finishOrFail: `
    WITH finished AS (
      UPDATE ${ledger} SET state = 'done', forget_at = ${serverNow} + $3::bigint WHERE ${isHeld} RETURNING 1
    )
    SELECT CASE WHEN EXISTS (TABLE finished) THEN 'finished' ELSE ${name}.lease_lost() END AS answer`,

  failHeld: `
    UPDATE ${ledger} SET failures = failures + 1, counted = true, forget_at = ${serverNow} + $3::bigint
    WHERE ${isHeld} AND state = 'open' RETURNING failures`,

  /** `$2`: for how long the delivery is remembered. Returns nothing for a delivery that is done. */
  fail: `
    INSERT INTO ${ledger} AS one (id, state, failures, token, lease_ends_at, counted, forget_at)
    VALUES ($1, 'open', 1, NULL, 0, false, ${serverNow} + $2::bigint)
    ON CONFLICT (id) DO UPDATE SET
      failures = CASE WHEN one.forget_at <= ${serverNow} THEN 1 ELSE one.failures + 1 END,
      token = CASE WHEN one.forget_at <= ${serverNow} THEN NULL ELSE one.token END,
      state = 'open', forget_at = excluded.forget_at
    WHERE one.state = 'open' OR one.forget_at <= ${serverNow}
    RETURNING failures`,

  release: `UPDATE ${ledger} SET token = NULL WHERE ${isHeld} RETURNING 1`,

  /** `$2`: for how long the delivery is remembered. Returns nothing for a delivery that was finished. */
  deadLetter: `
    INSERT INTO ${ledger} AS one (id, state, failures, token, lease_ends_at, counted, forget_at)
    VALUES ($1, 'dead-lettered', 0, NULL, 0, false, ${serverNow} + $2::bigint)
    ON CONFLICT (id) DO UPDATE SET state = 'dead-lettered', failures = 0, token = NULL, forget_at = excluded.forget_at
    WHERE one.state <> 'done' OR one.forget_at <= ${serverNow}
    RETURNING 1`,

  state: `SELECT state FROM ${ledger} WHERE id = $1 AND forget_at > ${serverNow}`,
});
