import type { EraseSelection, Erasure } from '../store';
import type { Engine, InboxQueue } from './engine';
import { erasedData, isDeliveryId } from './job';
import { findJobs } from './listing';

/** A job that changes its state during a scan can be missed by it. */
const MAX_SCANS = 10;

/**
 * Removes jobs in every state, and the events that BullMQ keeps of all jobs. A job that a worker has cannot be removed: it is blanked,
 * and removed when its handlers have ended.
 */
export async function eraseJobs(engine: Engine, { ids, ...filter }: EraseSelection): Promise<Erasure> {
  const { queue } = engine;
  const erased = { erased: 0, active: 0 };
  for (let scan = 0; scan < MAX_SCANS; scan++) {
    const found = ids === undefined ? await findJobs(queue, filter) : await amongIds(queue, ids, filter);
    for (const id of found) {
      const how = await eraseJob(queue, id);
      if (how !== undefined) erased.erased += 1;
      if (how === 'blanked') erased.active += 1;
    }
    if (found.length === 0) break;
  }
  await engine.forgetEvents();
  return erased;
}

/** Returns how a job was erased; `undefined` if it does not exist. */
async function eraseJob(queue: InboxQueue, id: string): Promise<'removed' | 'blanked' | undefined> {
  for (;;) {
    const job = await queue.getJob(id);
    if (!job) return undefined;
    // A job that a worker has is locked, and stays.
    if ((await queue.remove(id)) === 1) return 'removed';
    try {
      await job.updateData(erasedData(job.data));
    } catch (error) {
      if (await queue.getJob(id)) throw error;
      return undefined; // it has ended, and was removed
    }
    if ((await queue.getJobState(id)) === 'active') return 'blanked'; // otherwise it has ended meanwhile
  }
}

async function amongIds(
  queue: InboxQueue,
  ids: readonly string[],
  { entityId, webhookId }: EraseSelection,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of new Set(ids.filter(isDeliveryId))) {
    const data = (await queue.getJob(id))?.data;
    if (!data || data.erased) continue;
    if (entityId !== undefined && data.entityId !== entityId) continue;
    if (webhookId === undefined || data.webhookId === webhookId) found.push(id);
  }
  return found;
}
