import type { DeliveryState, FullInboxDelivery } from '../delivery';
import { allLimitStats } from '../limit-state';
import { oldestWaitingMs } from '../oldest-waiting';
import { DEFAULT_LIMIT, type InboxPage, type InboxStats, type ListQuery } from '../store';
import { readFullRow } from './bodies';
import type { Reader } from './connection';
import { readLimits } from './limits';
import { type DeliveryRow, toDelivery, toFullDelivery } from './row';
import { type Position, selectionOf } from './selection';

/** Reads one entry of an index. */
export const oldestWaiting =
  "SELECT received_at FROM blue_deliveries INDEXED BY blue_by_state WHERE state = 'waiting' ORDER BY received_at LIMIT 1";

/** Returns how many deliveries are in each state, the age of the oldest that waits, and the keys of limits. */
export function readStats(reader: Reader): InboxStats {
  const rows = reader.all<{ state: DeliveryState; count: number }>('SELECT state, count FROM blue_counts');
  const [oldest] = reader.all<{ received_at: number }>(oldestWaiting);
  const counts = Object.fromEntries(rows.map(({ state, count }) => [state, count])) as Record<DeliveryState, number>;
  const limits = allLimitStats(readLimits(reader));
  return { ...counts, oldestWaitingMs: oldestWaitingMs(oldest?.received_at), limits };
}

/** Returns one page of a list. */
export function readPage(reader: Reader, { cursor, limit = DEFAULT_LIMIT, ...filter }: ListQuery): InboxPage {
  const { from, parameters } = selectionOf(filter, cursor === undefined ? {} : { before: positionOf(cursor) });
  const rows = reader.all<DeliveryRow>(
    `SELECT * ${from} ORDER BY received_at DESC, seq DESC LIMIT ?`,
    ...[...parameters, limit + 1],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = last && rows.length > limit;
  return { deliveries: page.map(toDelivery), cursor: more ? `${last.received_at}-${last.seq}` : undefined };
}

/** Returns one delivery with its body. */
export function readOne(reader: Reader, id: string): FullInboxDelivery | undefined {
  const row = readFullRow(reader, 'id', id);
  return row && toFullDelivery(row);
}

/** @throws TypeError unless it is a cursor of this store, or absent */
export function requireCursor(cursor: string | undefined): void {
  if (cursor !== undefined) positionOf(cursor);
}

function positionOf(cursor: string): Position {
  const [, receivedAt, seq] = /^(-?\d{1,16})-(\d{1,16})$/.exec(cursor) ?? [];
  const position = { receivedAt: Number(receivedAt), seq: Number(seq) };
  if (Object.values(position).every(Number.isSafeInteger)) return position;
  throw new TypeError('cursor must be the cursor of an earlier page.');
}
