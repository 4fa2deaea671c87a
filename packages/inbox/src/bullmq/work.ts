import { clearTimeout, setTimeout } from 'node:timers';
import type { Receiver } from '@blue-webhooks/core';
import { DelayedError, WaitingError } from 'bullmq';
import { type AttemptResult, attemptUnlessCut, type Cut } from '../attempt';
import { type FullInboxDelivery, factsOf } from '../delivery';
import { openFull, READ_AGAIN_MS } from '../encryption/encrypted-store';
import { errorText } from '../error-text';
import type { Report } from '../inbox-event';
import type { Run } from '../lifecycle';
import { inNeutralContext } from '../neutral-context';
import type { WorkSettings } from '../settings';
import { StoreError } from '../store-error';
import { toBackendError } from './backend-error';
import type { Engine, InboxWorker } from './engine';
import {
  dataOf,
  type InboxJob,
  isProbe,
  type JobData,
  type JobNote,
  storable,
  toDelivery,
  toFullDelivery,
} from './job';
import { withinMs } from './opening';
import { createProgress } from './progress';

interface Running {
  cut(reason: Cut): void;
  /** Aborts the attempt when its lease may be over. */
  readonly fence: NodeJS.Timeout;
}

const MARKED_DEAD = 'Marked as dead by hand.';
/**
 * BullMQ renews a lease when half of it is over at the latest. If it could not be renewed, the attempt is aborted while the
 * lease still lasts, so that the next worker never runs concurrently.
 */
const FENCE_AT = 0.75;
/** How often BullMQ checks for lapsed leases: it takes a delivery again at the second check that finds its lease lapsed. */
const LOOKS_PER_LEASE = 3;
/** The timeout for returning deliveries. Longer than the time that a handler has after its signal aborts. */
const HAND_BACK_WITHIN_MS = 2_000;
/** The delay before a worker retries after a failure of its connection. */
const RETRY_AFTER_MS = 1_000;

/** Makes BullMQ retry a job or, by its name, fail it permanently. BullMQ stores only its message. */
class AttemptError extends Error {
  readonly result: Extract<AttemptResult, { type: 'retried' | 'dead-letter' }>;

  constructor(result: AttemptError['result'], text: string) {
    super(text);
    this.result = result;
    this.name = result.type === 'dead-letter' ? 'UnrecoverableError' : 'AttemptError';
    this.stack = text; // the stack of this error is not useful
  }
}

const markedDeadError = () => new AttemptError({ type: 'dead-letter', error: new Error(MARKED_DEAD) }, MARKED_DEAD);

/** BullMQ stores the message and the stack of the error that makes a job fail, also of a driver's error after the handlers ran. */
function storeCleanErrors(job: InboxJob): void {
  const moveToFailed = job.moveToFailed.bind(job);
  job.moveToFailed = (error, ...rest) =>
    moveToFailed(error instanceof AttemptError ? error : (toBackendError(error) as Error), ...rest);
}

/** Starts to handle the deliveries of the queue, unless the signal aborts first. */
export async function startWork(
  engine: Engine,
  receiver: Receiver,
  settings: WorkSettings,
  report: Report,
  signal: AbortSignal,
): Promise<Run | undefined> {
  const { concurrency, leaseMs, retry, cipher } = settings;
  const storeFailed = (error: unknown) => report({ type: 'store-failed', error: toBackendError(error) });
  const running = new Map<string, Running>();
  const durations = new WeakMap<InboxJob, number>();
  const erased = new WeakSet<InboxJob>();
  let accepting = true;
  let noneRuns = () => {};

  const worker: InboxWorker = engine.createWorker((job, token) => handle(job, token ?? ''), {
    autorun: false,
    concurrency,
    lockDuration: leaseMs,
    stalledInterval: Math.ceil(leaseMs / LOOKS_PER_LEASE),
    runRetryDelay: RETRY_AFTER_MS,
    maxStalledCount: retry.maxAttempts - 1, // a delivery that kills its process becomes a dead letter as well
    settings: {
      backoffStrategy: (_attempts, _type, error) =>
        error instanceof AttemptError && error.result.type === 'retried'
          ? Math.max(1, +error.result.retryAt - Date.now())
          : 1,
    },
  });
  worker.on('error', storeFailed);
  worker.on('locksRenewed', ({ jobIds }) => {
    for (const id of jobIds) running.get(id)?.fence.refresh();
  });
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) running.get(id)?.cut('lost');
  });
  worker.on('completed', (job) => {
    if (isProbe(job.id)) return;
    if (erased.has(job)) return void engine.queue.remove(job.id ?? '').catch(storeFailed);
    const full = toDelivery(job, 'done');
    report({
      type: 'succeeded',
      delivery: factsOf(full),
      attempt: attemptOf(full.attempts),
      durationMs: durations.get(job) ?? 0,
    });
  });
  worker.on('failed', (job, error) => {
    if (!job || isProbe(job.id)) return;
    void removeIfErased(job);
    const full = toDelivery(job, 'dead');
    const common = { delivery: factsOf(full), attempt: attemptOf(full.attempts) };
    if (error instanceof AttemptError) return report({ ...error.result, ...common });
    // From BullMQ: the delivery has failed permanently, or the success of its handlers could not be stored.
    const clean = toBackendError(error);
    report(
      job.finishedOn
        ? { type: 'dead-letter', error: clean, ...common }
        : { type: 'retried', error: clean, retryAt: new Date(), ...common },
    );
  });

  /** There are more only if a dead letter was retried by another tool, such as bull-board: it gets one attempt. */
  function attemptOf(attempts: number): number {
    return Math.min(attempts, retry.maxAttempts);
  }

  async function handle(job: InboxJob, token: string): Promise<void> {
    if (isProbe(job.id)) return;
    storeCleanErrors(job);
    const marked = dataOf(job);
    if (marked.erased) return void erased.add(job);
    if (marked.markedDead) throw markedDeadError();
    if (!accepting) return handBack(job, token); // fetched during the stop
    const progress = createProgress(job, storeFailed);
    const full = await openJob(job, token, progress.note);
    const delivery = factsOf(full);
    const attempt = attemptOf(full.attempts);
    report({ type: 'started', delivery, attempt });
    const onUnhandled = () => report({ type: 'unhandled', delivery, attempt });
    const result = await underLease(full.id, (cutShort) =>
      attemptUnlessCut(receiver, { ...full, attempts: attempt }, settings, cutShort, { ...progress, onUnhandled }),
    );
    progress.end();
    if (result === 'stopped' || result === 'lost') {
      report({ type: 'returned', delivery, attempt });
      if (result === 'lost') throw new WaitingError();
      await progress.note({});
      return handBack(job, token);
    }
    // After a first attempt that succeeds, nothing of a job that was erased meanwhile is left.
    const marks = result.type === 'succeeded' && !job.failedReason ? undefined : await marksOf(job);
    if (marks?.erased) {
      erased.add(job);
      return report({ type: 'returned', delivery, attempt });
    }
    if (result.type === 'succeeded') {
      durations.set(job, result.durationMs);
      return;
    }
    if (result.type !== 'dead-letter' && marks?.markedDead) throw markedDeadError();
    if (result.type === 'postponed') {
      await progress.note({ retryAt: +result.until });
      await postpone(job, token, result.until);
      report({ ...result, delivery, attempt });
      throw new DelayedError();
    }
    await progress.note(result.type === 'retried' ? { retryAt: +result.retryAt } : {});
    const text = storable(errorText(result.error, full.rawBody));
    throw new AttemptError(result, await cipher.seal(text, { delivery: full.id, field: 'error' }));
  }

  /** Returns the delivery of a job, decrypted. One that cannot be decrypted is reported, and waits without an attempt. */
  async function openJob(
    job: InboxJob,
    token: string,
    note: (note: JobNote) => Promise<void>,
  ): Promise<FullInboxDelivery> {
    const stored = toFullDelivery(job, 'active');
    try {
      return await openFull(cipher, stored);
    } catch (error) {
      if (!StoreError.is(error)) throw error;
      const until = new Date(Date.now() + READ_AGAIN_MS);
      await note({ retryAt: +until });
      await postpone(job, token, until);
      report({ type: 'unreadable', delivery: factsOf(stored), error, until });
      throw new DelayedError();
    }
  }

  async function underLease<T>(id: string, work: (cutShort: Promise<Cut>) => Promise<T>): Promise<T> {
    let cut: Running['cut'] = () => {};
    const cutShort = new Promise<Cut>((resolve) => {
      cut = resolve;
    });
    const fence = setTimeout(() => cut('lost'), leaseMs * FENCE_AT);
    running.set(id, { cut, fence });
    try {
      return await work(cutShort);
    } finally {
      clearTimeout(fence);
      running.delete(id);
      if (running.size === 0) noneRuns();
    }
  }

  /** Returns a delivery without counting the attempt. */
  async function handBack(job: InboxJob, token: string): Promise<never> {
    await job.moveToWait(token).catch(storeFailed);
    throw new WaitingError();
  }

  /** Makes a delivery wait without counting the attempt. If that cannot be stored, its lease lapses, which counts. */
  async function postpone(job: InboxJob, token: string, until: Date): Promise<void> {
    try {
      await job.moveToDelayed(+until, token);
    } catch (error) {
      storeFailed(error);
      throw new WaitingError();
    }
  }

  /** Returns whether the delivery was marked as dead, or erased, while it was handled. */
  async function marksOf(job: InboxJob): Promise<Pick<JobData, 'markedDead' | 'erased'>> {
    try {
      const stored = await engine.queue.getJob(job.id ?? '');
      return stored ? dataOf(stored) : {};
    } catch (error) {
      storeFailed(error); // the handler's error is more important
      return {};
    }
  }

  /** Removes a job that was erased after its worker had looked, and before its error was stored. */
  async function removeIfErased(job: InboxJob): Promise<void> {
    if (!(await marksOf(job)).erased) return;
    await engine.queue.remove(job.id ?? '').catch(storeFailed);
    await engine.forgetEvents().catch(storeFailed);
  }

  const ready = worker.waitUntilReady();
  ready.catch(() => {});
  await Promise.race([ready, aborted(signal)]).catch(async (error: unknown) => {
    await withinMs(HAND_BACK_WITHIN_MS, worker.close(true));
    throw error;
  });
  if (signal.aborted) {
    await withinMs(HAND_BACK_WITHIN_MS, worker.close(true));
    return undefined;
  }
  inNeutralContext(() => worker.run().catch(storeFailed));

  let hurry = () => {};
  let ending: Promise<void> | undefined;

  async function end(timeoutMs: number): Promise<void> {
    const hurried = new Promise<void>((resolve) => {
      hurry = resolve;
    });
    accepting = false;
    await worker.pause(true);
    const ended = new Promise<void>((resolve) => {
      noneRuns = resolve;
      if (running.size === 0) resolve();
    });
    await withinMs(timeoutMs, Promise.race([ended, hurried]));
    for (const { cut } of running.values()) cut('stopped');
    // Without a response, nothing can be returned and BullMQ would wait forever. The leases lapse instead.
    const answers = await withinMs(HAND_BACK_WITHIN_MS, Promise.all([engine.digests.has(''), ended]));
    await withinMs(HAND_BACK_WITHIN_MS, worker.close(!answers));
  }

  return {
    async stop(timeoutMs) {
      if (ending) setTimeout(() => hurry(), timeoutMs).unref();
      ending ??= end(timeoutMs);
      await ending;
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
