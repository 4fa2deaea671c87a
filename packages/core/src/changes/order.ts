import type { BlueEvent } from '../events';
import { entityRow, payloadOf, updatedAtMs } from '../events/entity';

/**
 * Whether an event is older than the state you have: its entity's `updatedAt` lies before the one that you keep. Never for a
 * deletion, which no later state takes back, and never where one of the times is not known. Equal times are not stale: it
 * may be the same delivery again, or a second change within the millisecond.
 *
 * @example
 * if (isStale(event, row.updatedAt)) return;
 */
export function isStale(event: BlueEvent, lastUpdatedAt: string | number | Date | null | undefined): boolean {
  const knownMs = new Date(lastUpdatedAt ?? Number.NaN).getTime();
  const ms = updatedAtMs(event);
  return rankOf(event) !== DELETED && ms !== undefined && ms < knownMs;
}

/**
 * Sorts events into the order in which they happened, as far as the entities' `updatedAt` shows: `events.sort(compareEvents)`.
 * Of events of the same time, a creation comes first and a deletion last. A deletion carries no time of its own, only that
 * of the last change before it: after every other event of its entity, but perhaps before others that it followed. Events
 * without a time come last. 0 if it is unknown.
 */
export function compareEvents(one: BlueEvent, other: BlueEvent): number {
  const a = updatedAtMs(one) ?? Number.MAX_VALUE;
  const b = updatedAtMs(other) ?? Number.MAX_VALUE;
  return Math.sign(a - b) || rankOf(one) - rankOf(other);
}

const DELETED = 2;

function rankOf(event: BlueEvent): number {
  const { record, currentValue, previousValue } = payloadOf(event);
  if (!entityRow(event)) return 1;
  if (!record && !currentValue) return DELETED;
  return previousValue ? 1 : 0;
}
