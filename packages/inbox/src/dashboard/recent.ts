import { type DeliveryState, deliveryStates, type InboxDelivery } from '../delivery';
import type { Inbox } from '../inbox';
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
const BUCKETS = 48;
const PAGE_LENGTH = 250;
/** How many deliveries are read of each state, and for how long. */
const MAX_READ = 20_000;
const READ_WITHIN_MS = 500;
/** How long a page waits for a count. */
const WAIT_MS = 30;
/** A count is used for this long, and for as many times as long as it took: open pages ask for it every few seconds. */
const KEEP_MS = 4_000;
const KEEP_TIMES = 20;

/**
 * Creates the function that counts recent deliveries: those of the last day, or of as much of it as is read in a short time. What
 * it returns is complete for its time, however many deliveries there are. It counts in the background, so that no page
 * waits for it: it returns the last count, `undefined` before the first.
 */
export function createRecent(inbox: Pick<Inbox, 'list'>): () => Promise<Recent | undefined> {
  let last: Recent | undefined;
  let staleAt = 0;
  let running: Promise<void> | undefined;

  async function count(): Promise<void> {
    const startedAt = performance.now();
    try {
      last = await read(inbox);
    } catch {
      // The page reads the store as well, and reports that it fails.
    }
    const endedAt = performance.now();
    staleAt = endedAt + Math.max(KEEP_MS, KEEP_TIMES * (endedAt - startedAt));
    running = undefined;
  }

  return async () => {
    if (!running && performance.now() >= staleAt) running = count();
    if (running) await Promise.race([running, new Promise((resolve) => setTimeout(resolve, WAIT_MS))]);
    return last;
  };
}

async function read(inbox: Pick<Inbox, 'list'>): Promise<Recent> {
  const until = Date.now();
  let from = until - LONGEST_MS;
  const deliveries: InboxDelivery[] = [];
  // By state, so that neither done deliveries nor a backlog hide the others.
  for (const state of deliveryStates) {
    const found = await newestOf(inbox, state, new Date(from));
    deliveries.push(...found.deliveries);
    // What was not read arrived earlier than what was.
    if (!found.isComplete) from = Math.max(from, found.deliveries.at(-1)?.receivedAt.getTime() ?? from);
  }
  return { from: new Date(from), until: new Date(until), buckets: bucketsOf(deliveries, from, until) };
}

async function newestOf(
  inbox: Pick<Inbox, 'list'>,
  state: DeliveryState,
  since: Date,
): Promise<{ readonly deliveries: readonly InboxDelivery[]; readonly isComplete: boolean }> {
  const giveUpAt = performance.now() + READ_WITHIN_MS;
  const deliveries: InboxDelivery[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await inbox.list({ state, since, limit: PAGE_LENGTH, ...(cursor && { cursor }) });
    deliveries.push(...page.deliveries);
    cursor = page.cursor;
    if (!cursor) return { deliveries, isComplete: true };
    if (deliveries.length >= MAX_READ || performance.now() >= giveUpAt) return { deliveries, isComplete: false };
    await new Promise((resolve) => setTimeout(resolve)); // SQLite is read synchronously: requests are answered in between
  }
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
