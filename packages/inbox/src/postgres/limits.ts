import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitRule } from '../limit-options';
import { holderOf, roomFor } from '../limit-state';
import type { Lease, LimitUpdate, StoredLimits } from '../store';
import { StoreError } from '../store-error';
import type { Query } from './pool';
import { type Schema, serverNow } from './schema';

/** A migration: limits. */
export const limiting = ({ name, deliveries, limits }: Schema): string => `
    -- While due_at is -1: the key of the limit for which the delivery waits.
    ALTER TABLE ${deliveries} ADD COLUMN limit_key text;
    CREATE INDEX deliveries_limited ON ${deliveries} (limit_key, received_at, seq) WHERE state = 'waiting' AND due_at = -1;

    -- What is known about each key, as JSON, and when it can be deleted.
    CREATE TABLE ${limits} (key text PRIMARY KEY, state text NOT NULL, expires_at bigint) WITH (fillfactor = 50);

    -- Stores new states, and which leased deliveries wait, unless a state is no longer the one that the change was computed from.
    CREATE FUNCTION ${name}.update_limits(changes json, waits json) RETURNS boolean LANGUAGE plpgsql AS $body$
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended('${name}', 2));
      IF EXISTS (
        SELECT 1 FROM json_to_recordset(changes) AS change (key text, before text)
        LEFT JOIN ${limits} AS stored ON stored.key = change.key WHERE stored.state IS DISTINCT FROM change.before
      ) THEN RETURN false; END IF;
      DELETE FROM ${limits} AS stored USING json_to_recordset(changes) AS change (key text, state text)
      WHERE stored.key = change.key AND change.state IS NULL;
      INSERT INTO ${limits} AS stored (key, state, expires_at)
      SELECT change.key, change.state, change.expires_at
      FROM json_to_recordset(changes) AS change (key text, state text, expires_at bigint) WHERE change.state IS NOT NULL
      ON CONFLICT (key) DO UPDATE SET state = excluded.state, expires_at = excluded.expires_at;
      UPDATE ${deliveries} AS one SET
        state = 'waiting', due_at = -1, retry_at = NULL, limit_key = wait.key, attempts = one.attempts - 1,
        lease = NULL, lease_ms = NULL, beat = NULL
      FROM json_to_recordset(waits) AS wait (seq bigint, token text, key text)
      WHERE one.seq = wait.seq AND one.lease = wait.token;
      RETURN true;
    END $body$;
`;

/** A key, and what is stored of it. */
export interface StateRow {
  readonly key: string;
  readonly state: string | null;
}

const MAX_TRIES = 100;
const PAUSE_MS = 10;

/** A query of the keys for which deliveries wait, with what is stored of them. Reads one entry of an index for each key. */
export function awaitedKeys({ deliveries, limits }: Schema): string {
  const first = (which = '') =>
    `SELECT min(limit_key) AS key FROM ${deliveries} WHERE state = 'waiting' AND due_at = -1${which}`;
  return `WITH RECURSIVE awaited AS (
    ${first()} UNION ALL SELECT (${first(' AND limit_key > awaited.key')}) FROM awaited WHERE awaited.key IS NOT NULL
  ) SELECT awaited.key, stored.state FROM awaited LEFT JOIN ${limits} AS stored ON stored.key = awaited.key WHERE awaited.key IS NOT NULL`;
}

/** Returns the keys of which deliveries may be leased, and how many. */
export const openKeys = (rules: readonly LimitRule[], stored: StoredLimits, keys: readonly string[], limit: number) =>
  keys.map((key) => ({ key, room: Math.min(limit, roomFor(key, rules, stored)) })).filter(({ room }) => room >= 1);

/** Rows that wait for the keys in a parameter, and since when they have been due. */
export const dueInLimits = ({ deliveries, pauses }: Schema, keys: string): string => `
  SELECT one.* FROM json_to_recordset(${keys}::text::json) AS open (key text, room integer), LATERAL (
    SELECT seq, received_at AS since FROM ${deliveries} AS waiting
    WHERE state = 'waiting' AND due_at = -1 AND limit_key = open.key AND NOT EXISTS (
      SELECT 1 FROM ${pauses} AS pause
      WHERE pause.event IN ('', waiting.event) AND pause.webhook_id IN ('', coalesce(waiting.webhook_id, ''))
    )
    ORDER BY limit_key, received_at, seq LIMIT open.room FOR UPDATE OF waiting SKIP LOCKED
  ) AS one`;

export const storedLimits = (
  now: number,
  rows: readonly StateRow[],
  active: readonly { readonly id: string; readonly token: string }[],
): StoredLimits => ({
  now,
  states: new Map(rows.flatMap(({ key, state }) => (state === null ? [] : [[key, state] as const]))),
  active: new Set(active.map(({ id, token }) => holderOf(token, id))),
});

/** Returns what is stored of some keys, or of all. */
export async function readLimits(query: Query, schema: Schema, keys?: readonly string[]): Promise<StoredLimits> {
  const which = keys ? 'WHERE key IN (SELECT json_array_elements_text($1::text::json))' : '';
  // One statement: the values come as texts, so that no client converts them.
  const [row] = await query<{ now: number; states: string; active: string }>(
    `SELECT ${serverNow}::float8 AS now,
       (SELECT coalesce(json_agg(one), '[]') FROM (SELECT key, state FROM ${schema.limits} ${which}) AS one)::text AS states,
       (SELECT coalesce(json_agg(one), '[]') FROM (SELECT id, lease AS token FROM ${schema.deliveries} WHERE state = 'active') AS one)::text AS active`,
    ...(keys ? [JSON.stringify(keys)] : []),
  );
  return storedLimits(row?.now ?? 0, JSON.parse(row?.states ?? '[]'), JSON.parse(row?.active ?? '[]'));
}

/** Changes what is stored of limits, in one statement, again if another process has changed it meanwhile. */
export async function updateLimits(
  query: Query,
  schema: Schema,
  { keys, change }: LimitUpdate,
  seqOf: (lease: Lease) => number,
): Promise<void> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const stored = await readLimits(query, schema, keys);
    const { states, waiting } = change(stored);
    const [row] = await query<{ done: boolean }>(
      `SELECT ${schema.name}.update_limits($1::text::json, $2::text::json) AS done`,
      JSON.stringify(
        states.map(({ key, state = null, expiresAt = null }) => ({
          ...{ key, state, expires_at: expiresAt },
          before: stored.states.get(key) ?? null,
        })),
      ),
      JSON.stringify(waiting.map(({ lease, key }) => ({ seq: seqOf(lease), token: lease.token, key }))),
    );
    if (row?.done) return;
    await sleep(PAUSE_MS * Math.random());
  }
  throw new StoreError('TIMEOUT', 'Other processes changed the state of the limits again and again.');
}

/** Deletes the states that have expired. */
export async function forgetLimits(query: Query, { limits }: Schema): Promise<void> {
  await query(`DELETE FROM ${limits} WHERE expires_at < ${serverNow}`);
}
