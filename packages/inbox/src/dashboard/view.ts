import { type DeliveryState, deliveryStates } from '../delivery';

/** What a page shows. */
export interface View {
  readonly state: DeliveryState | undefined;
  readonly event: string | undefined;
  readonly entityId: string | undefined;
  /** The cursor of the page before. */
  readonly before: string | undefined;
  /** The id of the open delivery. */
  readonly open: string | undefined;
}

const MAX_LENGTH = 200;

/** Reads a query string. Invalid parameters are ignored. */
export function viewOf(parameters: URLSearchParams): View {
  const text = (name: string) => parameters.get(name)?.slice(0, MAX_LENGTH) || undefined;
  const state = text('state') as DeliveryState | undefined;
  return {
    state: state && deliveryStates.includes(state) ? state : undefined,
    event: text('event'),
    entityId: text('entity'),
    before: text('before'),
    open: text('d'),
  };
}

/**
 * Returns the address of a view. It is relative, and a query string only: it leads to the same page under whatever path that is
 * mounted, behind a proxy that strips a prefix as well.
 */
export function addressOf(view: Partial<View>, more: Readonly<Record<string, string>> = {}): string {
  const { state, event, entityId, before, open } = view;
  const entries = Object.entries({ state, event, entity: entityId, before, d: open, ...more });
  const given = entries.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `?${new URLSearchParams(given)}`;
}
