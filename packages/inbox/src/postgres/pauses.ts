import { type Pause, type PauseRow, type PauseScope, toPause } from '../pauses';
import type { Query } from './pool';
import { storable } from './puts';
import type { Schema } from './schema';

/** A migration: pauses. An empty event or webhook stands for every one. */
export const pausing = ({ pauses, deliveries }: Schema): string => `
    CREATE TABLE ${pauses} (
      event text NOT NULL,
      webhook_id text NOT NULL,
      reason text NOT NULL,
      paused_by text,
      since bigint NOT NULL,
      PRIMARY KEY (event, webhook_id)
    );

    -- By which waiting deliveries are found without reading those that are paused.
    CREATE INDEX deliveries_ready_by_group ON ${deliveries} (event, (coalesce(webhook_id, '')), received_at, seq)
      WHERE state = 'waiting' AND due_at IS NULL;
    CREATE INDEX deliveries_retries_by_group ON ${deliveries} (event, (coalesce(webhook_id, '')), due_at, seq)
      WHERE state = 'waiting' AND due_at IS NOT NULL;
`;

const group = "event, coalesce(webhook_id, '')";

/**
 * Common table expressions for a recursive WITH: `open_groups`, each event and webhook of which deliveries wait and which no
 * pause applies to. Reads one entry of an index for each group, paused or not.
 */
export function openGroups({ deliveries, pauses }: Schema): string {
  const first = (which: string) =>
    `SELECT event, coalesce(webhook_id, '') AS webhook FROM ${deliveries} WHERE state = 'waiting' AND ${which} ORDER BY ${group} LIMIT 1`;
  const walk = (name: string, isDue: string) => `${name} AS (
    (${first(isDue)}) UNION ALL
    SELECT next.* FROM ${name} AS last, LATERAL (${first(`${isDue} AND (${group}) > (last.event, last.webhook)`)}) AS next
  )`;
  return `${walk('ready_groups', 'due_at IS NULL')}, ${walk('retry_groups', 'due_at IS NOT NULL')}, open_groups AS (
    SELECT * FROM (TABLE ready_groups UNION TABLE retry_groups) AS every WHERE NOT EXISTS (
      SELECT 1 FROM ${pauses} AS pause
      WHERE pause.event IN ('', every.event) AND pause.webhook_id IN ('', every.webhook)
    )
  )`;
}

/**
 * Rows of `deliveries` that wait in open groups, up to `limit` of each, and since when they have been due. The order names the
 * group, although it is one: only the index by group has this order, so that PostgreSQL cannot choose to read all others.
 */
export const dueInGroups = ({ deliveries }: Schema, since: string, isDue: string, limit: string): string => `
  SELECT one.* FROM open_groups, LATERAL (
    SELECT seq, ${since} AS since FROM ${deliveries}
    WHERE state = 'waiting' AND ${isDue}
      AND (${group}) >= (open_groups.event, open_groups.webhook) AND (${group}) <= (open_groups.event, open_groups.webhook)
    ORDER BY ${group}, ${since}, seq LIMIT ${limit} FOR UPDATE SKIP LOCKED
  ) AS one`;

export async function readPauses(query: Query, { pauses }: Schema): Promise<readonly Pause[]> {
  const rows = await query<PauseRow>(
    `SELECT event, webhook_id, reason, paused_by, since::float8 FROM ${pauses} ORDER BY since, event, webhook_id`,
  );
  return rows.map(toPause);
}

export async function pause(
  query: Query,
  { pauses }: Schema,
  { event = '', webhookId = '', reason, by, since }: Pause,
): Promise<void> {
  await query(
    `INSERT INTO ${pauses} AS pause (event, webhook_id, reason, paused_by, since) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (event, webhook_id) DO UPDATE SET reason = excluded.reason, paused_by = excluded.paused_by, since = excluded.since`,
    ...[
      storable(event),
      storable(webhookId),
      storable(reason),
      by === undefined ? null : storable(by),
      since.getTime(),
    ],
  );
}

export async function resume(
  query: Query,
  { pauses }: Schema,
  { event = '', webhookId = '' }: PauseScope,
): Promise<boolean> {
  const rows = await query(
    `DELETE FROM ${pauses} WHERE event = $1 AND webhook_id = $2 RETURNING 1`,
    ...[storable(event), storable(webhookId)],
  );
  return rows.length > 0;
}
