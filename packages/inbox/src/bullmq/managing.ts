import type { JobType } from 'bullmq';
import type { DeliveryState } from '../delivery';
import type { Inbox } from '../inbox';
import { oldestWaitingMs } from '../oldest-waiting';
import { createReplays } from '../paced-replay';
import { replaySelectionOf, requireDate, requireId, requireQuery } from '../queries';
import { flag, type WorkSettings } from '../settings';
import { toBackendError } from './backend-error';
import type { Engine } from './engine';
import { isDeliveryId, jobTypes, stateOf, toFullDelivery } from './job';
import { findJobs, listJobs, oldestReceipt, requireCursor } from './listing';

/** What BullMQ counts waiting jobs as on PostgreSQL while the queue is paused; not among its types of jobs. */
const PAUSED = 'paused';
const countedTypes = [...Object.values(jobTypes).flat(), PAUSED as JobType];

/** Lists and changes the deliveries of a queue. Invalid arguments are a `TypeError`, before anything is opened. */
export type Managing = Pick<Inbox, 'stats' | 'list' | 'get' | 'replay' | 'markDead' | 'prune'>;

/** Managing a queue, and how to end the replays that run. */
export interface Managed {
  readonly managing: Managing;
  stopReplays(): void;
}

export function createManaging(
  open: () => Promise<Engine>,
  { retentionMs }: Pick<WorkSettings, 'retentionMs'>,
): Managed {
  /** Runs one job again, with its attempts counted from 1. Returns whether it will run. */
  async function runAgain({ queue }: Engine, id: string): Promise<boolean> {
    const job = await queue.getJob(id);
    const state = await job?.getState();
    if (!job || (state !== 'failed' && state !== 'completed' && state !== 'delayed')) return false;
    const { markedDead: _, ...data } = job.data;
    try {
      // BullMQ resets the attempts of failed and completed jobs, but neither those of a delayed job nor lost leases.
      const countedBefore = job.stalledCounter + (state === 'delayed' ? job.attemptsMade : 0);
      await job.updateData({ ...data, countedBefore });
      if (state === 'completed') await job.updateProgress({}); // all handlers run again
      if (state === 'delayed') await job.promote();
      else await job.retry(state, { resetAttemptsMade: true, resetAttemptsStarted: true });
      return true;
    } catch (error) {
      if ((await queue.getJobState(id)) === state) throw error;
      return false; // another process was faster
    }
  }

  const managing: Managing = {
    stats: () =>
      guarded(async () => {
        const { queue } = await open();
        const counts = await queue.getJobCounts(...countedTypes);
        const sum = (types: readonly string[]) => types.reduce((total, type) => total + (counts[type] ?? 0), 0);
        const states = Object.fromEntries(
          Object.entries(jobTypes).map(([state, types]) => [state, sum(types)]),
        ) as Record<DeliveryState, number>;
        states.waiting += counts[PAUSED] ?? 0;
        return { ...states, oldestWaitingMs: oldestWaitingMs(await oldestReceipt(queue)), limits: [] };
      }),
    async list(query = {}) {
      const checked = requireQuery(query);
      requireCursor(checked.cursor);
      return guarded(async () => listJobs((await open()).queue, checked));
    },
    async get(id) {
      requireId(id);
      if (!isDeliveryId(id)) return undefined;
      return guarded(async () => {
        const { queue } = await open();
        for (let before = await queue.getJobState(id); ; ) {
          const job = await queue.getJob(id);
          const after = await queue.getJobState(id);
          const state = stateOf(after);
          if (!job || !state) return undefined;
          if (before === after) return toFullDelivery(job, state); // otherwise the job may be of one state and half of another
          before = after;
        }
      });
    },
    replay: async (selection, options) => replays.replay(replaySelectionOf(selection), options),
    async markDead(id) {
      requireId(id);
      if (!isDeliveryId(id)) return false;
      return guarded(async () => {
        const { queue } = await open();
        const job = await queue.getJob(id);
        const state = await job?.getState();
        if (!job || !state || !['waiting', 'delayed', 'prioritized', 'active'].includes(state)) return false;
        await job.updateData({ ...job.data, markedDead: true });
        if (state === 'delayed') await job.promote();
        return true;
      });
    },
    async prune({ olderThan, deadLetters = false } = {}) {
      const before = requireDate('olderThan', olderThan);
      const alsoDead = flag('deadLetters', deadLetters);
      return guarded(async () => {
        const { queue, digests } = await open();
        await digests.forget();
        const graceMs = before ? Date.now() - before.getTime() : retentionMs;
        const done = await queue.clean(graceMs, 0, 'completed');
        return done.length + (alsoDead ? (await queue.clean(graceMs, 0, 'failed')).length : 0);
      });
    },
  };
  const replays = createReplays({
    list: managing.list,
    get: managing.get,
    replay: (chosen) =>
      guarded(async () => {
        const engine = await open();
        const ids = 'ids' in chosen ? new Set(chosen.ids) : await findJobs(engine.queue, chosen.filter);
        let replayed = 0;
        for (const id of ids) if (isDeliveryId(id) && (await runAgain(engine, id))) replayed += 1;
        return replayed;
      }),
  });
  return { managing, stopReplays: replays.stop };
}

/** Runs a BullMQ operation. @throws StoreError | DriverError without any part of a body or a password */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toBackendError(error);
  }
}
