import type { InboxDelivery } from '../delivery';
import type { Inbox } from '../inbox';
import type { InboxStats } from '../store';
import { hasFailed } from './row';

/** How many deliveries arrived in one part of the time, and how many of these have failed and are not done. */
export interface Bucket {
  readonly arrived: number;
  readonly failed: number;
}

/** The deliveries of a recent time. */
export interface Recent {
  readonly from: Date;
  readonly until: Date;
  /** Parts of equal length. */
  readonly buckets: readonly Bucket[];
}

const LONGEST_MS = 86_400_000;
/** How long reading may take, in milliseconds. */
const READ_WITHIN_MS = 50;
const PAGE_LENGTH = 1_000;
const BUCKETS = 48;
/** How long a result is used, in milliseconds: each open page asks for it every few seconds. */
const KEEP_MS = 5_000;

/**
 * Creates the function that counts recent deliveries: those of the last day, or of as much of it as can be read in a short time.
 * What it returns is complete for its time, however many deliveries there are.
 */
export function createRecent(inbox: Pick<Inbox, 'list'>): (stats: InboxStats) => Promise<Recent> {
  let known: { readonly at: number; readonly result: Promise<Recent> } | undefined;
  return (stats) => {
    if (known && performance.now() - known.at < KEEP_MS) return known.result;
    const result = read(inbox, stats);
    const mine = { at: performance.now(), result };
    known = mine;
    result.catch(() => {
      if (known === mine) known = undefined;
    });
    return result;
  };
}

async function read(inbox: Pick<Inbox, 'list'>, stats: InboxStats): Promise<Recent> {
  const until = new Date();
  const since = new Date(until.getTime() - LONGEST_MS);
  const giveUpAt = performance.now() + READ_WITHIN_MS;
  let from = since.getTime();
  const read: InboxDelivery[] = [];
  // By state, so that neither done deliveries nor a backlog hide the others.
  for (const state of ['dead', 'active', 'skipped', 'waiting', 'held', 'done'] as const) {
    let cursor: string | undefined;
    if (stats[state] === 0) continue;
    do {
      const page = await inbox.list({ state, since: new Date(from), limit: PAGE_LENGTH, ...(cursor && { cursor }) });
      read.push(...page.deliveries);
      cursor = page.cursor;
    } while (cursor && performance.now() < giveUpAt);
    // What was not read arrived earlier than what was.
    if (cursor) from = Math.max(from, read.at(-1)?.receivedAt.getTime() ?? from);
  }
  return { from: new Date(from), until, buckets: bucketsOf(read, from, until.getTime()) };
}

function bucketsOf(deliveries: readonly InboxDelivery[], from: number, until: number): readonly Bucket[] {
  const buckets = Array.from({ length: BUCKETS }, () => ({ arrived: 0, failed: 0 }));
  const length = Math.max(until - from, 1) / BUCKETS;
  for (const delivery of deliveries) {
    const bucket = buckets[Math.min(Math.floor((delivery.receivedAt.getTime() - from) / length), BUCKETS - 1)];
    if (!bucket) continue; // before the time
    bucket.arrived += 1;
    if (hasFailed(delivery)) bucket.failed += 1;
  }
  return buckets;
}
