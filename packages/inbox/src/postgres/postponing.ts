import { type Schema, serverNow } from './schema';

/** A migration: `settle` ends a lease as postponed, too. */
export const postponing = ({ name, deliveries }: Schema): string => `
    CREATE OR REPLACE FUNCTION ${name}.settle(which bigint, token text, outcome text, error text, retry bigint, worker_now bigint)
    RETURNS boolean LANGUAGE plpgsql AS $body$
    DECLARE its_lane text;
    BEGIN
      SELECT lane INTO its_lane FROM ${deliveries} WHERE seq = which;
      PERFORM ${name}.lock_lanes(ARRAY[its_lane]);
      UPDATE ${deliveries} SET
        lease = NULL, lease_ms = NULL, beat = NULL,
        state = CASE WHEN outcome IN ('retry', 'postponed', 'returned') THEN 'waiting' ELSE outcome END,
        attempts = attempts - CASE WHEN outcome IN ('postponed', 'returned') THEN 1 ELSE 0 END,
        due_at = CASE WHEN outcome NOT IN ('retry', 'postponed') THEN NULL WHEN abs(${serverNow} - worker_now) < 1000 THEN retry ELSE ${serverNow} + retry - worker_now END,
        retry_at = CASE WHEN outcome IN ('retry', 'postponed') THEN retry END,
        finished_at = CASE WHEN outcome NOT IN ('retry', 'postponed', 'returned') THEN ${serverNow} END,
        handled = CASE WHEN outcome NOT IN ('done', 'skipped') THEN handled END,
        last_error = CASE WHEN outcome IN ('retry', 'dead') THEN error ELSE last_error END
      WHERE seq = which AND lease = token;
      IF NOT FOUND THEN RETURN false; END IF;
      IF its_lane IS NOT NULL AND outcome NOT IN ('retry', 'postponed', 'returned') THEN PERFORM ${name}.promote(ARRAY[its_lane]); END IF;
      RETURN true;
    END $body$;
`;
