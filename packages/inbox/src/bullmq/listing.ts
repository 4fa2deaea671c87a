import type { DeliveryState, InboxDelivery } from '../delivery';
import { DEFAULT_LIMIT, type DeliveryFilter, type InboxPage, type ListQuery } from '../store';
import type { InboxQueue } from './engine';
import { dataOf, isProbe, jobTypes, toDelivery } from './job';

/** The position in a scan of all jobs: BullMQ lists jobs by type, and within it by index. */
interface Position {
  readonly type: number;
  readonly offset: number;
}

const types = Object.entries(jobTypes).flatMap(([state, jobs]) =>
  jobs.map((type) => ({ state: state as DeliveryState, type })),
);
const CHUNK = 100;
const OLDEST_READ = 10;
/** How many jobs one page scans, so that a selective filter does not read all of Redis in one call. */
const MAX_SCANNED = 2_000;

/** Returns one page: type by type, the newest of each first. It can be short or empty and still have a next page. */
export async function listJobs(queue: InboxQueue, query: ListQuery): Promise<InboxPage> {
  const { limit = DEFAULT_LIMIT, cursor } = query;
  const deliveries: InboxDelivery[] = [];
  let scanned = 0;
  for await (const { delivery, next } of walk(
    queue,
    query.state,
    cursor === undefined ? undefined : positionOf(cursor),
  )) {
    scanned += 1;
    if (delivery && matches(delivery, query)) deliveries.push(delivery);
    if (deliveries.length === limit || scanned === MAX_SCANNED)
      return { deliveries, cursor: `${next.type}-${next.offset}` };
  }
  return { deliveries, cursor: undefined };
}

/** Returns the ids of all jobs that match a filter. */
export async function findJobs(queue: InboxQueue, filter: DeliveryFilter): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { delivery } of walk(queue, filter.state))
    if (delivery && matches(delivery, filter)) ids.add(delivery.id);
  return [...ids];
}

/**
 * Returns when the oldest waiting delivery was received, in milliseconds since 1970. BullMQ sorts jobs that wait by when they were
 * added, and retries by when they are due: only the first few of each kind are read.
 */
export async function oldestReceipt(queue: InboxQueue): Promise<number | undefined> {
  const first = await Promise.all(jobTypes.waiting.map((type) => queue.getJobs([type], 0, OLDEST_READ - 1, true)));
  const received = first
    .flat()
    .flatMap((job) => (job && !isProbe(job.id) ? [dataOf(job).receivedAt ?? job.timestamp] : []));
  return received.length > 0 ? Math.min(...received) : undefined;
}

async function* walk(
  queue: InboxQueue,
  wanted: DeliveryState | undefined,
  from: Position = { type: 0, offset: 0 },
): AsyncGenerator<{ delivery: InboxDelivery | undefined; next: Position }> {
  for (let place = from.type; place < types.length; place++) {
    const { state, type } = types[place] as (typeof types)[number];
    if (wanted !== undefined && state !== wanted) continue;
    let offset = place === from.type ? from.offset : 0;
    for (let length = CHUNK; length === CHUNK; ) {
      const jobs = await queue.getJobs([type], offset, offset + CHUNK - 1, false);
      length = jobs.length;
      for (const job of jobs) {
        offset += 1;
        yield { delivery: isProbe(job.id) ? undefined : toDelivery(job, state), next: { type: place, offset } };
      }
    }
  }
}

function matches(delivery: InboxDelivery, { event, entityId, since }: DeliveryFilter): boolean {
  return (
    (event === undefined || delivery.event === event) &&
    (entityId === undefined || delivery.entityId === entityId) &&
    (since === undefined || delivery.receivedAt >= since)
  );
}

const CURSOR = /^(\d{1,2})-(\d{1,15})$/;

/** @throws TypeError for a cursor that is not from a page */
export function requireCursor(cursor: string | undefined): void {
  if (cursor !== undefined && !CURSOR.test(cursor))
    throw new TypeError('cursor must be the cursor of the previous page.');
}

function positionOf(cursor: string): Position {
  const [, type, offset] = CURSOR.exec(cursor) ?? [];
  return { type: Number(type), offset: Number(offset) };
}
