import type { DeliveryFilter } from '../store';
import type { SqliteValue } from './connection';

export interface Selection {
  /** `FROM … WHERE …` with an explicit index: the file has no statistics for SQLite's planner. */
  readonly from: string;
  readonly parameters: readonly SqliteValue[];
}

/** A position among the deliveries in order of time. */
export interface Position {
  readonly receivedAt: number;
  readonly seq: number;
}

/** Returns the part of a query that selects the deliveries of a filter, before or after a position. */
export function selectionOf(
  filter: DeliveryFilter,
  beyond?: { readonly before?: Position; readonly after?: Position },
): Selection {
  const { state, event, entityId, since } = filter;
  const { before, after } = beyond ?? {};
  const conditions: [sql: string, ...parameters: SqliteValue[]][] = [];
  if (state !== undefined) conditions.push(['state = ?', state]);
  if (event !== undefined) conditions.push(['event = ?', event]);
  if (entityId !== undefined) conditions.push(['entity_id = ?', entityId]);
  if (since !== undefined) conditions.push(['received_at >= ?', since.getTime()]);
  if (before) conditions.push(['(received_at, seq) < (?, ?)', before.receivedAt, before.seq]);
  if (after) conditions.push(['(received_at, seq) > (?, ?)', after.receivedAt, after.seq]);
  const where = conditions.map(([sql]) => sql).join(' AND ') || 'TRUE';
  return {
    from: `FROM blue_deliveries INDEXED BY ${indexFor(filter)} WHERE ${where}`,
    parameters: conditions.flatMap(([, ...parameters]) => parameters),
  };
}

/** Returns the index with the fewest rows to scan: most deliveries are done. */
function indexFor({ state, event, entityId }: DeliveryFilter): string {
  if (entityId !== undefined) return 'blue_by_entity';
  if (state !== undefined && (state !== 'done' || event === undefined)) return 'blue_by_state';
  return event === undefined ? 'blue_by_time' : 'blue_by_event';
}
