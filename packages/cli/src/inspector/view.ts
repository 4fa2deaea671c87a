import { type Filter, type Show, showNames } from '../listen/journal';

/** What a page shows, from its query string. */
export interface View {
  readonly filter: Filter;
  /** The open delivery. */
  readonly open: number | undefined;
}

/** Reads a query string. Invalid parameters are ignored. */
export function viewOf(query: (name: string) => string | undefined): View {
  const show = query('show');
  return {
    filter: {
      show: showNames.includes(show as Show) ? (show as Show) : undefined,
      event: query('event')?.slice(0, 200) || undefined,
      query: query('q')?.slice(0, 200) || undefined,
      before: seqOf(query('before')),
    },
    open: seqOf(query('d')),
  };
}

/** Parses the number of a delivery. */
export function seqOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Returns the URL of a view. */
export function addressOf({ filter, open }: View): string {
  const { show, event, query, before } = filter;
  const entries = Object.entries({ show, event, q: query, before, d: open });
  const given = entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '/' : `/?${new URLSearchParams(given)}`;
}
