import type { EntryFilter } from '../store';
import type { SqliteValue } from './connection';

export interface Selection {
  /** `FROM … WHERE …`, in which an index is named: SQLite keeps no statistics here to choose by. */
  readonly from: string;
  readonly parameters: readonly SqliteValue[];
}

/** Where a walk through deliveries in order of time stands. */
export interface Position {
  readonly receivedAt: number;
  readonly seq: number;
}

/** The deliveries that a filter finds: before a position, or after it. */
export function selectionOf(
  filter: EntryFilter,
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

/** The index that leaves fewest to look through: most deliveries are done. */
function indexFor({ state, event, entityId }: EntryFilter): string {
  if (entityId !== undefined) return 'blue_by_entity';
  if (state !== undefined && (state !== 'done' || event === undefined)) return 'blue_by_state';
  return event === undefined ? 'blue_by_time' : 'blue_by_event';
}
