import { type EntryState, entryStates } from './entry';
import { count } from './settings';
import { DEFAULT_LIMIT, type EntryFilter, type ListQuery, type ReplaySelection } from './store';

const MAX_LIMIT = 1_000;

/** @throws TypeError for a query that could not be meant */
export function requireQuery(query: ListQuery): ListQuery & { readonly limit: number } {
  const { cursor, limit = DEFAULT_LIMIT } = query;
  if (cursor !== undefined && typeof cursor !== 'string')
    throw new TypeError('cursor must be that of the page before.');
  return { ...query, ...requireFilter(query), limit: count('limit', limit, MAX_LIMIT) };
}

/** @throws TypeError for a selection that could not be meant */
export function replaySelectionOf(selection: string | readonly string[] | EntryFilter): ReplaySelection {
  if (typeof selection === 'string') return { ids: [selection] };
  if (Array.isArray(selection)) {
    if (selection.every((id) => typeof id === 'string')) return { ids: selection };
    throw new TypeError('replay needs ids of deliveries, which are texts.');
  }
  const filter = requireFilter(selection as EntryFilter);
  if (Object.values(filter).some((condition) => condition !== undefined)) return { filter };
  throw new TypeError("replay needs ids, or a filter that says which: inbox.replay({ state: 'dead' }).");
}

function requireFilter(filter: EntryFilter): EntryFilter {
  if (typeof filter !== 'object' || filter === null) throw new TypeError('The filter must be an object.');
  const { state, event, entityId, since } = filter;
  if (state !== undefined && !entryStates.includes(state as EntryState)) {
    throw new TypeError(`state must be one of ${entryStates.join(', ')}.`);
  }
  for (const [name, value] of Object.entries({ event, entityId })) {
    if (value !== undefined && typeof value !== 'string') throw new TypeError(`${name} must be a text.`);
  }
  requireDate('since', since);
  return filter;
}

/** @throws TypeError unless it is a valid date, or absent */
export function requireDate(name: string, value: unknown): Date | undefined {
  if (value === undefined || (value instanceof Date && Number.isFinite(value.getTime()))) return value;
  throw new TypeError(`${name} must be a valid Date.`);
}
