import type { DeliveryFilter } from '../store';
import { storable } from './puts';

/** Where a walk through deliveries in order of time stands. */
export interface Position {
  readonly receivedAt: number;
  readonly seq: number;
}

/** The conditions of a filter, and beyond a position, as SQL with numbered parameters. */
export function selectionOf(
  { state, event, entityId, since }: DeliveryFilter,
  beyond?: { readonly order: '<' | '>'; readonly position: Position },
): { readonly where: string; readonly values: readonly (string | number)[] } {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const placeOf = (value: string | number) => `$${values.push(value)}`;
  if (state !== undefined) conditions.push(`state = ${placeOf(state)}`);
  if (event !== undefined) conditions.push(`event = ${placeOf(storable(event))}`);
  if (entityId !== undefined) conditions.push(`entity_id = ${placeOf(storable(entityId))}`);
  if (since !== undefined) conditions.push(`received_at >= ${placeOf(since.getTime())}::bigint`);
  if (beyond) {
    const { order, position } = beyond;
    conditions.push(
      `(received_at, seq) ${order} (${placeOf(position.receivedAt)}::bigint, ${placeOf(position.seq)}::bigint)`,
    );
  }
  return { where: conditions.join(' AND ') || 'TRUE', values };
}

/** @throws TypeError unless it is a cursor of this store */
export function positionOf(cursor: string): Position {
  const [, receivedAt, seq] = /^(-?\d{1,16})-(\d{1,16})$/.exec(cursor) ?? [];
  const position = { receivedAt: Number(receivedAt), seq: Number(seq) };
  if (Object.values(position).every(Number.isSafeInteger)) return position;
  throw new TypeError('cursor must be the cursor of an earlier page.');
}
