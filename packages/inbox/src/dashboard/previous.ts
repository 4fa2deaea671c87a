import type { FullInboxDelivery, InboxDelivery } from '../delivery';
import type { Inbox } from '../inbox';

const PAGE_LENGTH = 200;
const MAX_PAGES = 5;

/** Returns the delivery of the same entity that arrived before this one; `undefined` unless it is among the newest thousand. */
export async function previousOf(
  inbox: Pick<Inbox, 'list' | 'get'>,
  { id, entityId, receivedAt }: InboxDelivery,
): Promise<FullInboxDelivery | undefined> {
  if (entityId === undefined) return undefined;
  const read: InboxDelivery[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await inbox.list({ entityId, limit: PAGE_LENGTH, ...(cursor && { cursor }) });
    read.push(...found.deliveries);
    cursor = found.cursor;
    const isPassed = read.some((other) => other.receivedAt < receivedAt);
    if (isPassed || cursor === undefined) break;
  }
  // Stores list the newest first, but BullMQ within each state only. The sort keeps the order of those of one millisecond.
  const sorted = read.sort((a, b) => b.receivedAt.getTime() - a.receivedAt.getTime());
  const previous = sorted[sorted.findIndex((other) => other.id === id) + 1];
  return previous && previous.id !== id && previous.receivedAt <= receivedAt ? inbox.get(previous.id) : undefined;
}
