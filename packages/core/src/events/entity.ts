import type { BlueEvent } from './index';
import { isRow, type Row, textOf } from './row';

/** The entity that an event carries, before or after it. */
export type EntityIn<E extends BlueEvent> = E extends { readonly event: 'UNKNOWN' }
  ? Row
  : E extends { readonly record: infer R }
    ? R
    : E extends { readonly previousValue: infer P; readonly currentValue: infer C }
      ? NonNullable<P | C>
      : never;

/** The event's entity as it is now; of a deletion, as it last was. `undefined` for an event that carries none. */
export const entityOf = <E extends BlueEvent>(event: E): EntityIn<E> | undefined =>
  entityRow(event) as EntityIn<E> | undefined;

/** What was sent for an event, unknown ones included. */
export const payloadOf = (event: BlueEvent): Row =>
  (event.event === 'UNKNOWN' ? event.payload : event) as unknown as Row;

/** The row that a payload is about, as it is now; of a deletion, as it last was. */
export const entityIn = ({ currentValue, record, previousValue }: Row): Row | undefined =>
  [currentValue, record, previousValue].find(isRow);

export const entityRow = (event: BlueEvent): Row | undefined => entityIn(payloadOf(event));

/** When the entity was last changed, in milliseconds since 1970; `undefined` where the delivery does not say. */
export function updatedAtMs(event: BlueEvent): number | undefined {
  const ms = Date.parse(textOf(entityRow(event)?.updatedAt) ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
