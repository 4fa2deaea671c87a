import { clearInterval, setInterval } from 'node:timers';
import { type Receiver, toRawDelivery, toResponse } from '@blue-webhooks/core';
import type { EntryState } from '../entry';
import type { Inbox } from '../inbox';
import { createTell } from '../inbox-event';
import { createHandle } from '../intake';
import { replaySelectionOf, requireQuery } from '../queries';
import { requireReceiver, type WorkOptions, workSettingsOf } from '../settings';
import { type Backend, type Engine, openEngine } from './engine';
import { jobTypes, stateOf, toFullEntry, toJobData } from './job';
import { findJobs, listJobs } from './listing';
import { startWork, type Work } from './work';

export type BullmqInboxOptions = WorkOptions &
  Backend & {
    /** Verifies what arrives, and has the handlers. It needs no ledger and no `deadLetter` here. */
    readonly receiver: Receiver;
    /** The queue's name; `blue-inbox` unless told. */
    readonly name?: string;
    /**
     * Acknowledge deliveries although Redis or PostgreSQL can lose them, and say so to `onEvent` at start. Unless told, such a one
     * is refused: deliveries are answered 503, and `start` rejects.
     */
    readonly allowLoss?: boolean;
  };

const STOP_WITHIN_MS = 10_000;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * An inbox on BullMQ, for any number of processes on any number of machines: deliveries are jobs, whose id is the delivery's.
 * It keeps no order: a delivery that is tried again is overtaken by later ones of its entity.
 *
 * @example
 * const inbox = bullmqInbox({ receiver, connection: { url: 'redis://localhost:6379' } });
 * @throws TypeError for an option that could not be meant
 */
export function bullmqInbox(options: BullmqInboxOptions): Inbox {
  const receiver = requireReceiver(options?.receiver);
  requireBackend(options);
  const { name = 'blue-inbox', allowLoss = false } = options;
  const settings = workSettingsOf(options);
  const tell = createTell(options);
  const failed = (error: unknown) => tell({ type: 'store-failed', error });
  let opened: Promise<Engine> | undefined;
  let work: Work | undefined;
  let pruneTimer: NodeJS.Timeout | undefined;

  function open(): Promise<Engine> {
    opened ??= openChecked().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function openChecked(): Promise<Engine> {
    const engine = await openEngine(name, options, failed);
    const reason = await engine.loss();
    if (reason === undefined) return engine;
    if (!allowLoss) {
      await engine.queue.close();
      throw new Error(`${reason} To acknowledge deliveries all the same, set allowLoss.`);
    }
    tell({ type: 'not-durable', reason });
    return engine;
  }

  const handle = createHandle(
    receiver,
    {
      async put(entry) {
        const { queue, digests } = await open();
        if (await digests.has(entry.id)) return 'duplicate';
        await queue.add(entry.event, toJobData(entry), {
          jobId: entry.id,
          attempts: settings.retry.maxAttempts,
          backoff: { type: 'inbox' },
          removeOnComplete: { age: Math.ceil(settings.retentionMs / 1_000) },
          removeOnFail: false,
        });
        // After the job, which keeps its own id from being added twice: before it, a crash in between would lose the delivery.
        return (await digests.add(entry.id, settings.dedupeMs)) ? 'stored' : 'duplicate';
      },
      probe: async () => (await open()).digests.probe(),
    },
    { ordered: false, tell },
  );

  async function prune({ olderThan, dead = false }: Parameters<Inbox['prune']>[0] = {}): Promise<number> {
    const { queue, digests } = await open();
    await digests.forget();
    const graceMs = olderThan ? Date.now() - olderThan.getTime() : settings.retentionMs;
    const done = await queue.clean(graceMs, 0, 'completed');
    return done.length + (dead ? (await queue.clean(graceMs, 0, 'failed')).length : 0);
  }

  /** Lets one job run again: whether it will. */
  async function again(id: string): Promise<boolean> {
    const { queue } = await open();
    const job = await queue.getJob(id);
    const state = await job?.getState();
    if (!job || (state !== 'failed' && state !== 'completed' && state !== 'delayed')) return false;
    const { buried, ...data } = job.data;
    if (buried) await job.updateData(data);
    if (state === 'delayed') await job.promote();
    else await job.retry(state, { resetAttemptsMade: true, resetAttemptsStarted: true });
    return true;
  }

  return {
    handle,
    fetch: async (request) => toResponse(await handle(toRawDelivery(request))),
    async start() {
      if (work) return;
      work = await startWork(await open(), receiver, settings, tell);
      pruneTimer = setInterval(() => prune().catch(failed), PRUNE_EVERY_MS).unref();
    },
    async stop({ timeoutMs = STOP_WITHIN_MS } = {}) {
      clearInterval(pruneTimer);
      await work?.stop(timeoutMs);
      work = undefined;
      const engine = await opened?.catch(() => undefined);
      opened = undefined;
      await engine?.queue.close();
    },
    async stats() {
      const counts = await (await open()).queue.getJobCounts();
      const sum = (types: readonly string[]) => types.reduce((total, type) => total + (counts[type] ?? 0), 0);
      return Object.fromEntries(Object.entries(jobTypes).map(([state, types]) => [state, sum(types)])) as Record<
        EntryState,
        number
      >;
    },
    list: async (query = {}) => listJobs((await open()).queue, requireQuery(query)),
    async get(id) {
      const { queue } = await open();
      for (let before = await queue.getJobState(id); ; ) {
        const job = await queue.getJob(id);
        const after = await queue.getJobState(id);
        const state = stateOf(after);
        if (!job || !state) return undefined;
        if (before === after) return toFullEntry(job, state); // or else what was read may be half of the one, half of the other
        before = after;
      }
    },
    async replay(selection) {
      const chosen = replaySelectionOf(selection);
      const ids = 'ids' in chosen ? [...new Set(chosen.ids)] : await findJobs((await open()).queue, chosen.filter);
      let replayed = 0;
      for (const id of ids) if (await again(id)) replayed += 1;
      return replayed;
    },
    async bury(id) {
      const job = await (await open()).queue.getJob(id);
      const state = await job?.getState();
      if (!job || !state || !['waiting', 'delayed', 'prioritized', 'active'].includes(state)) return false;
      await job.updateData({ ...job.data, buried: true });
      if (state === 'delayed') await job.promote();
      return true;
    },
    prune,
  };
}

function requireBackend({ connection, postgres }: { connection?: unknown; postgres?: unknown }): void {
  if ((connection === undefined) !== (postgres === undefined)) return;
  throw new TypeError(
    "bullmqInbox needs either a Redis or a PostgreSQL: { connection: { url: 'redis://…' } } or { postgres: 'postgres://…' }.",
  );
}
