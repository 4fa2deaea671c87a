import type { EntryState, InboxEntry } from '../entry';
import { DEFAULT_LIMIT, type EntryFilter, type InboxPage, type ListQuery } from '../store';
import type { InboxQueue } from './engine';
import { isProbe, jobTypes, toEntry } from './job';

/** Where a walk through all jobs stands: BullMQ lists jobs by type, and within it by place. */
interface Position {
  readonly type: number;
  readonly offset: number;
}

const types = Object.entries(jobTypes).flatMap(([state, jobs]) =>
  jobs.map((type) => ({ state: state as EntryState, type })),
);
const CHUNK = 100;
/** How many jobs one page looks through, so that a filter that finds little does not read a whole Redis in one go. */
const MAX_SCANNED = 2_000;

/** One page: type by type, the newest of each first. It may be short, or empty, and yet lead on. */
export async function listJobs(queue: InboxQueue, query: ListQuery): Promise<InboxPage> {
  const { limit = DEFAULT_LIMIT, cursor } = query;
  const entries: InboxEntry[] = [];
  let scanned = 0;
  for await (const { entry, next } of walk(queue, query.state, cursor === undefined ? undefined : positionOf(cursor))) {
    scanned += 1;
    if (entry && matches(entry, query)) entries.push(entry);
    if (entries.length === limit || scanned === MAX_SCANNED) return { entries, cursor: `${next.type}-${next.offset}` };
  }
  return { entries, cursor: undefined };
}

/** The ids of all jobs that a filter finds. */
export async function findJobs(queue: InboxQueue, filter: EntryFilter): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { entry } of walk(queue, filter.state)) if (entry && matches(entry, filter)) ids.add(entry.id);
  return [...ids];
}

async function* walk(
  queue: InboxQueue,
  wanted: EntryState | undefined,
  from: Position = { type: 0, offset: 0 },
): AsyncGenerator<{ entry: InboxEntry | undefined; next: Position }> {
  for (let place = from.type; place < types.length; place++) {
    const { state, type } = types[place] as (typeof types)[number];
    if (wanted !== undefined && state !== wanted) continue;
    let offset = place === from.type ? from.offset : 0;
    for (let length = CHUNK; length === CHUNK; ) {
      const jobs = await queue.getJobs([type], offset, offset + CHUNK - 1, false);
      length = jobs.length;
      for (const job of jobs) {
        offset += 1;
        yield { entry: isProbe(job.id) ? undefined : toEntry(job, state), next: { type: place, offset } };
      }
    }
  }
}

function matches(entry: InboxEntry, { event, entityId, since }: EntryFilter): boolean {
  return (
    (event === undefined || entry.event === event) &&
    (entityId === undefined || entry.entityId === entityId) &&
    (since === undefined || entry.receivedAt >= since)
  );
}

const CURSOR = /^(\d{1,2})-(\d{1,15})$/;

/** @throws TypeError for a cursor that no page had */
export function requireCursor(cursor: string | undefined): void {
  if (cursor !== undefined && !CURSOR.test(cursor)) throw new TypeError('cursor must be that of the previous page.');
}

function positionOf(cursor: string): Position {
  const [, type, offset] = CURSOR.exec(cursor) ?? [];
  return { type: Number(type), offset: Number(offset) };
}
