import { clearTimeout, setTimeout } from 'node:timers';
import type { Receiver } from '@blue-webhooks/core';
import { WaitingError } from 'bullmq';
import { type AttemptResult, attemptUnlessCut, type Cut } from '../attempt';
import { factsOf } from '../delivery';
import { errorText } from '../error-text';
import type { Report } from '../inbox-event';
import type { WorkSettings } from '../settings';
import type { Engine, InboxWorker } from './engine';
import { type InboxJob, type RetryNote, storable, toDelivery, toFullDelivery } from './job';
import { withinMs } from './opening';

/** Handles what a queue holds, until it is stopped. */
export interface Work {
  /** As `Inbox.stop`, for the work alone. */
  stop(timeoutMs: number): Promise<void>;
}

interface Running {
  cut(reason: Cut): void;
  /** Cuts the attempt when its lease may be over. */
  readonly fence: NodeJS.Timeout;
}

const MARKED_DEAD = 'Marked as dead by hand.';
/**
 * BullMQ renews a lease when half of it is over at the latest. One that could not be renewed is given up while it still
 * lasts, so that whoever takes the delivery next does not meet us.
 */
const FENCE_AT = 0.75;
/** How often BullMQ looks for leases that are over: it takes a delivery up again at the second look that finds it so. */
const LOOKS_PER_LEASE = 3;
/** How long it may take to hand deliveries back. Longer than a handler may take to heed its signal. */
const HAND_BACK_WITHIN_MS = 2_000;
/** How soon a worker tries again what its connection did not let it do. */
const RETRY_AFTER_MS = 1_000;

/** What makes BullMQ retry a job or, by its name, give it up. Its message is all that BullMQ writes down. */
class AttemptError extends Error {
  readonly result: Exclude<AttemptResult, { type: 'succeeded' }>;

  constructor(result: AttemptError['result'], text = storable(errorText(result.error, ''))) {
    super(text);
    this.result = result;
    this.name = result.type === 'dead-letter' ? 'UnrecoverableError' : 'AttemptError';
    this.stack = text; // where this was made tells nobody anything
  }
}

const markedDeadError = () => new AttemptError({ type: 'dead-letter', error: new Error(MARKED_DEAD) }, MARKED_DEAD);

export async function startWork(
  engine: Engine,
  receiver: Receiver,
  settings: WorkSettings,
  report: Report,
): Promise<Work> {
  const { concurrency, leaseMs, retry } = settings;
  const running = new Map<string, Running>();
  const durations = new WeakMap<InboxJob, number>();
  let accepting = true;
  let noneRuns = () => {};

  const worker: InboxWorker = engine.createWorker((job, token) => handle(job, token ?? ''), {
    autorun: false,
    concurrency,
    lockDuration: leaseMs,
    stalledInterval: Math.ceil(leaseMs / LOOKS_PER_LEASE),
    runRetryDelay: RETRY_AFTER_MS,
    maxStalledCount: retry.maxAttempts - 1, // a delivery that kills its process is given up as well
    settings: {
      backoffStrategy: (_attempts, _type, error) =>
        error instanceof AttemptError && error.result.type === 'retried'
          ? Math.max(1, +error.result.retryAt - Date.now())
          : 1,
    },
  });
  worker.on('error', (error) => report({ type: 'store-failed', error }));
  worker.on('locksRenewed', ({ jobIds }) => {
    for (const id of jobIds) running.get(id)?.fence.refresh();
  });
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) running.get(id)?.cut('lost');
  });
  worker.on('completed', (job) => {
    const full = toDelivery(job, 'done');
    report({
      ...{ type: 'succeeded', delivery: factsOf(full), attempt: attemptOf(full.attempts) },
      durationMs: durations.get(job) ?? 0,
    });
  });
  worker.on('failed', (job, error) => {
    if (!job) return;
    const full = toDelivery(job, 'dead');
    const common = { delivery: factsOf(full), attempt: attemptOf(full.attempts) };
    if (error instanceof AttemptError) return report({ ...error.result, ...common });
    // BullMQ's own: it has given the delivery up, or could not write down that its handlers have succeeded.
    report(
      job.finishedOn
        ? { type: 'dead-letter', error, ...common }
        : { type: 'retried', error, retryAt: new Date(), ...common },
    );
  });

  /** There are more only if a dead delivery was let run again by another hand than ours, such as bull-board's: it gets one. */
  function attemptOf(attempts: number): number {
    return Math.min(attempts, retry.maxAttempts);
  }

  async function handle(job: InboxJob, token: string): Promise<void> {
    if (job.data.markedDead) throw markedDeadError();
    if (!accepting) return handBack(job, token); // fetched while we stopped
    const full = toFullDelivery(job, 'active');
    const delivery = factsOf(full);
    const attempt = attemptOf(full.attempts);
    report({ type: 'started', delivery, attempt });
    const result = await underLease(full.id, (cutShort) =>
      attemptUnlessCut(receiver, { ...full, attempts: attempt }, settings, cutShort),
    );
    if (result === 'stopped' || result === 'lost') {
      report({ type: 'returned', delivery, attempt });
      if (result === 'stopped') await handBack(job, token);
      throw new WaitingError();
    }
    if (result.type === 'succeeded') {
      durations.set(job, result.durationMs);
      return;
    }
    if (result.type === 'retried' && (await noteRetry(job, { retryAt: +result.retryAt }))) throw markedDeadError();
    throw new AttemptError(result);
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

  /** Whoever runs it next does so as if this attempt had not been. */
  async function handBack(job: InboxJob, token: string): Promise<never> {
    await job.moveToWait(token).catch((error: unknown) => report({ type: 'store-failed', error }));
    throw new WaitingError();
  }

  /** Notes when the next attempt is, unless someone has given the delivery up meanwhile: whether someone has. */
  async function noteRetry(job: InboxJob, note: RetryNote): Promise<boolean> {
    try {
      if ((await engine.queue.getJob(job.id ?? ''))?.data.markedDead) return true;
      await job.updateProgress(note);
    } catch (error) {
      report({ type: 'store-failed', error }); // no reason to lose sight of why the handler failed
    }
    return false;
  }

  await worker.waitUntilReady();
  worker.run().catch((error: unknown) => report({ type: 'store-failed', error }));
  return {
    async stop(timeoutMs) {
      accepting = false;
      await worker.pause(true);
      const ended = new Promise<void>((resolve) => {
        noneRuns = resolve;
        if (running.size === 0) resolve();
      });
      await withinMs(timeoutMs, ended);
      for (const { cut } of running.values()) cut('stopped');
      // Where nobody answers, nothing can be handed back and BullMQ would wait for ever. Leases tell when we are gone.
      const answers = await withinMs(HAND_BACK_WITHIN_MS, Promise.all([engine.digests.probe(), ended]));
      await withinMs(HAND_BACK_WITHIN_MS, worker.close(!answers));
    },
  };
}
