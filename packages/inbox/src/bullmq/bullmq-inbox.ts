import { clearInterval, setInterval } from 'node:timers';
import { type Receiver, toRawDelivery, toResponse } from '@blue-webhooks/core';
import type { DeliveryState, NewDelivery } from '../delivery';
import type { Inbox } from '../inbox';
import { createReporter } from '../inbox-event';
import { createHandle } from '../intake';
import { replaySelectionOf, requireQuery } from '../queries';
import { requireReceiver, type WorkOptions, workSettingsOf } from '../settings';
import type { Backend } from './engine';
import { jobTypes, stateOf, toFullDelivery, toJobData, toJobName } from './job';
import { findJobs, listJobs } from './listing';
import { createOpening } from './opening';
import { startWork, type Work } from './work';

/** An inbox on BullMQ: its receiver, its engine, and how deliveries are worked on. */
export type BullmqInboxOptions = WorkOptions &
  Backend & {
    /** Verifies what arrives, and has the handlers. It needs no ledger and no `deadLetter` here. */
    readonly receiver: Receiver;
    /** The queue's name; `blue-inbox` unless told. No colon: BullMQ keeps that for itself. */
    readonly name?: string;
    /**
     * Acknowledge deliveries although Redis or PostgreSQL loses them when it restarts or is full, and say so to `onEvent`.
     * Unless told, such a one is refused: deliveries are answered 503, and `start` rejects. That a power cut alone can lose
     * the last of them, as with `appendfsync everysec`, is said to `onEvent` and not refused.
     */
    readonly allowLoss?: boolean;
  };

const STOP_WITHIN_MS = 10_000;
const PRUNE_EVERY_MS = 3_600_000;
/** Who gives up is the worker, by its own `retry.maxAttempts`: whoever stores need not know them. */
const ANY_ATTEMPTS = 1_000_000;

/**
 * An inbox on BullMQ, for any number of processes on any number of machines: deliveries are jobs, whose id is the delivery's.
 * It keeps no order: deliveries of one entity run side by side, and one that is tried again is overtaken by later ones.
 *
 * @example
 * const inbox = bullmqInbox({ receiver, connection: { url: 'redis://localhost:6379' } });
 * @throws TypeError for an option that could not be meant
 */
export function bullmqInbox(options: BullmqInboxOptions): Inbox {
  const receiver = requireReceiver(options?.receiver);
  requireBackend(options);
  requireNoOrder(options);
  const { allowLoss = false } = options;
  const name = requireName(options.name ?? 'blue-inbox');
  const settings = workSettingsOf(options);
  const report = createReporter(options);
  const { open, openDurable, close } = createOpening(name, options, allowLoss, report);
  let started: Promise<void> | undefined;
  let work: Work | undefined;
  let pruneTimer: NodeJS.Timeout | undefined;

  const handle = createHandle(
    receiver,
    { put, probe: async () => (await openDurable()).digests.probe() },
    { ordered: false, report },
  );

  async function put(delivery: NewDelivery): Promise<'stored' | 'duplicate'> {
    const { queue, digests } = await openDurable();
    if (await digests.has(delivery.id)) return 'duplicate';
    await queue.add(toJobName(delivery), toJobData(delivery), {
      jobId: delivery.id,
      attempts: ANY_ATTEMPTS,
      backoff: { type: 'inbox' },
      removeOnComplete: { age: Math.ceil(settings.retentionMs / 1_000) },
      removeOnFail: false,
    });
    // After the job, which keeps its own id from being added twice: before it, a crash in between would lose the delivery.
    const isNew = await digests.add(delivery.id, settings.dedupeMs);
    await openDurable(); // what has answered may be another Redis than the one that was asked before
    return isNew ? 'stored' : 'duplicate';
  }

  async function begin(): Promise<void> {
    const engine = await openDurable();
    const begun = await startWork(engine, receiver, settings, report);
    if (!started) return begun.stop(0); // stopped meanwhile
    work = begun;
    const pruneQuietly = () => prune().catch((error: unknown) => report({ type: 'store-failed', error }));
    pruneTimer = setInterval(pruneQuietly, PRUNE_EVERY_MS).unref();
    void pruneQuietly();
  }

  async function prune({ olderThan, deadLetters = false }: Parameters<Inbox['prune']>[0] = {}): Promise<number> {
    const { queue, digests } = await open();
    await digests.forget();
    const graceMs = olderThan ? Date.now() - olderThan.getTime() : settings.retentionMs;
    const done = await queue.clean(graceMs, 0, 'completed');
    return done.length + (deadLetters ? (await queue.clean(graceMs, 0, 'failed')).length : 0);
  }

  /** Lets one job run again, its attempts counted anew: whether it will. */
  async function again(id: string): Promise<boolean> {
    const { queue } = await open();
    const job = await queue.getJob(id);
    const state = await job?.getState();
    if (!job || (state !== 'failed' && state !== 'completed' && state !== 'delayed')) return false;
    const { markedDead: _, ...data } = job.data;
    try {
      // BullMQ forgets the attempts of what has failed or is completed, and neither those of a delayed job nor lost leases.
      const countedBefore = job.stalledCounter + (state === 'delayed' ? job.attemptsMade : 0);
      await job.updateData({ ...data, countedBefore });
      if (state === 'delayed') await job.promote();
      else await job.retry(state, { resetAttemptsMade: true, resetAttemptsStarted: true });
      return true;
    } catch (error) {
      if ((await queue.getJobState(id)) === state) throw error;
      return false; // someone else was faster
    }
  }

  return {
    handle,
    fetch: async (request) => toResponse(await handle(toRawDelivery(request))),
    async start() {
      started ??= begin();
      try {
        await started;
      } catch (error) {
        started = undefined;
        await close();
        throw error;
      }
    },
    async stop({ timeoutMs = STOP_WITHIN_MS } = {}) {
      clearInterval(pruneTimer);
      const ending = work;
      started = undefined;
      work = undefined;
      await ending?.stop(timeoutMs);
      await close();
    },
    async stats() {
      const counts = await (await open()).queue.getJobCounts();
      const sum = (types: readonly string[]) => types.reduce((total, type) => total + (counts[type] ?? 0), 0);
      return Object.fromEntries(Object.entries(jobTypes).map(([state, types]) => [state, sum(types)])) as Record<
        DeliveryState,
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
        if (before === after) return toFullDelivery(job, state); // or else what was read may be half of the one, half of the other
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
    async markDead(id) {
      const { queue } = await open();
      const job = await queue.getJob(id);
      const state = await job?.getState();
      if (!job || !state || !['waiting', 'delayed', 'prioritized', 'active'].includes(state)) return false;
      await job.updateData({ ...job.data, markedDead: true });
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

function requireName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && !name.includes(':')) return name;
  throw new TypeError('name must be a text without a colon: it is the name of the queue.');
}

/** @throws TypeError for what BullMQ cannot keep: better than a promise that is broken quietly */
function requireNoOrder(options: object): void {
  const { order = 'none', skipStale = false } = options as { order?: unknown; skipStale?: unknown };
  if (order === 'none' && skipStale === false) return;
  throw new TypeError(
    "bullmqInbox keeps no order within an entity: leave order and skipStale out, or use createInbox with sqliteStore('blue-inbox.db').",
  );
}
