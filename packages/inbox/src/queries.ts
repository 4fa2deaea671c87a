import { count, kindOf } from '@blue-webhooks/core/adapter';
import { type DeliveryState, deliveryStates } from './delivery';
import { DEFAULT_LIMIT, type DeliveryFilter, type EraseSelection, type ListQuery, type ReplaySelection } from './store';

const MAX_LIMIT = 1_000;

/** @throws TypeError for an invalid query */
export function requireQuery(query: ListQuery): ListQuery & { readonly limit: number } {
  const filter = requireFilter(query);
  const { cursor, limit = DEFAULT_LIMIT } = query;
  if (cursor !== undefined) requireString('cursor', cursor);
  return { ...filter, ...(cursor !== undefined && { cursor }), limit: count('limit', limit, MAX_LIMIT) };
}

/** @throws TypeError for an invalid selection */
export function replaySelectionOf(selection: string | readonly string[] | DeliveryFilter): ReplaySelection {
  if (typeof selection === 'string') return { ids: [selection] };
  if (Array.isArray(selection)) return { ids: requireIds(selection) };
  const filter = requireFilter(selection as DeliveryFilter);
  if (Object.values(filter).some((condition) => condition !== undefined)) return { filter };
  throw new TypeError("replay needs ids, or a filter with a condition: inbox.replay({ state: 'dead' }).");
}

/** @throws TypeError unless it is an object whose conditions are valid */
export function requireFilter(filter: DeliveryFilter): DeliveryFilter {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    throw new TypeError(`The filter must be an object, got ${kindOf(filter)}.`);
  }
  const { state, event, entityId, since } = filter;
  if (state !== undefined) requireState(state);
  for (const [name, value] of Object.entries({ event, entityId })) if (value !== undefined) requireString(name, value);
  return { state, event, entityId, since: requireDate('since', since) };
}

/** @throws TypeError for an invalid selection, and for one without a condition, which would erase everything */
export function requireErase(selection: unknown): EraseSelection {
  requireErasable(selection);
  const { ids, entityId, webhookId } = selection as EraseSelection;
  for (const [name, value] of Object.entries({ entityId, webhookId })) {
    if (value !== undefined) requireString(name, value);
  }
  if (ids !== undefined) requireIds(ids);
  if (ids !== undefined || entityId !== undefined || webhookId !== undefined) return { ids, entityId, webhookId };
  throw new TypeError("erase needs an entity, a webhook or a delivery: inbox.erase({ entityId: 'cl…' }).");
}

/** @throws TypeError unless it is an object */
export function requireErasable(value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new TypeError(`What is erased must be an object, got ${kindOf(value)}: { entityId: 'cl…' }.`);
}

/** @throws TypeError unless it is a state of deliveries */
export function requireState(state: unknown): DeliveryState {
  if (deliveryStates.includes(state as DeliveryState)) return state as DeliveryState;
  throw new TypeError(`state must be one of ${deliveryStates.join(', ')}.`);
}

/** @throws TypeError unless it is a string */
export function requireId(id: unknown): string {
  return requireString('The id of a delivery', id);
}

/** @throws TypeError unless it is a list of strings */
export function requireIds(ids: unknown): readonly string[] {
  if (!Array.isArray(ids)) throw new TypeError(`The ids of deliveries must be an array, got ${kindOf(ids)}.`);
  return Array.from(ids, requireId); // also the holes of a sparse list
}

/** @throws TypeError unless it is a valid date, or absent */
export function requireDate(name: string, value: unknown): Date | undefined {
  if (value === undefined) return undefined;
  // Not instanceof: a Date of another realm, such as a test environment's, is one, too.
  if (Object.prototype.toString.call(value) === '[object Date]') {
    const time = Number(value);
    if (Number.isFinite(time)) return new Date(time);
  }
  throw new TypeError(`${name} must be a valid Date, got ${kindOf(value)}.`);
}

/** @throws TypeError unless it is a string */
export function requireString(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} must be a string, got ${kindOf(value)}.`);
}
