import { type Filter, type Show, showNames } from '../listen/journal';

/** What a page shows, as its address says. */
export interface View {
  readonly filter: Filter;
  /** The delivery that is open. */
  readonly open: number | undefined;
}

/** Reads an address; what makes no sense in it is left out. */
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

/** The number of a delivery, if it is one. */
export function seqOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The address of a view. */
export function addressOf({ filter, open }: View): string {
  const { show, event, query, before } = filter;
  const entries = Object.entries({ show, event, q: query, before, d: open });
  const given = entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '/' : `/?${new URLSearchParams(given)}`;
}
