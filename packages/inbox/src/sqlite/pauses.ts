import { applies, type Pause, type PauseRow, type PauseScope, toPause } from '../pauses';
import type { Connection, Reader } from './connection';

/** An event and a webhook of which deliveries wait. */
export interface WaitingGroup {
  readonly event: string;
  readonly webhook_id: string | null;
}

/** Returns the groups of waiting deliveries that no pause applies to, with a few reads for each group, paused or not. */
export function openGroups(connection: Connection, pauses: readonly Pause[]): readonly WaitingGroup[] {
  const first = (which: string, ...parameters: string[]) =>
    connection.all<WaitingGroup>(
      `SELECT event, webhook_id FROM blue_deliveries INDEXED BY blue_waiting
       WHERE state = 'waiting' AND ${which} ORDER BY event, webhook_id LIMIT 1`,
      ...parameters,
    )[0];
  const isPaused = (scope: PauseScope) => pauses.some((pause) => applies(pause, scope));
  const open: WaitingGroup[] = [];
  for (let group = first("event >= ''"); group; ) {
    const { event, webhook_id } = group;
    const scope = { event, webhookId: webhook_id ?? undefined };
    if (!isPaused(scope)) open.push(group);
    // Every text is greater than or equal to the empty one; NULL comes before all of them.
    const sameEvent = webhook_id === null ? "event = ? AND webhook_id >= ''" : 'event = ? AND webhook_id > ?';
    const next = isPaused({ event })
      ? undefined
      : first(sameEvent, event, ...(webhook_id === null ? [] : [webhook_id]));
    group = next ?? first('event > ?', event);
  }
  return open;
}

/** The condition that no pause applies to a row of `blue_deliveries`. */
export const notPaused = `NOT EXISTS (
  SELECT 1 FROM blue_pauses AS pause
  WHERE pause.event IN ('', blue_deliveries.event) AND pause.webhook_id IN ('', coalesce(blue_deliveries.webhook_id, ''))
)`;

export function readPauses(reader: Reader): readonly Pause[] {
  const rows = reader.all<PauseRow>('SELECT * FROM blue_pauses ORDER BY since, event, webhook_id');
  return rows.map(toPause);
}

/** Returns the pauses of a file that is only read, which may be of a version without any. */
export function readPausesIfAny(reader: Reader): readonly Pause[] {
  const [table] = reader.all("SELECT 1 FROM sqlite_schema WHERE name = 'blue_pauses'");
  return table ? readPauses(reader) : [];
}

export function pause(connection: Connection, { event, webhookId, reason, by, since }: Pause): void {
  connection.run(
    'INSERT OR REPLACE INTO blue_pauses (event, webhook_id, reason, paused_by, since) VALUES (?, ?, ?, ?, ?)',
    ...[event ?? '', webhookId ?? '', reason, by ?? null, since.getTime()],
  );
}

export function resume(connection: Connection, { event = '', webhookId = '' }: PauseScope): boolean {
  const sql = 'DELETE FROM blue_pauses WHERE event = ? AND webhook_id = ? RETURNING 1';
  return connection.all(sql, event, webhookId).length > 0;
}
