import type { Receiver } from '@blue-webhooks/core';
import { WaitingError } from 'bullmq';
import { type AttemptResult, attemptUnlessCut, type Cut } from '../attempt';
import { factsOf } from '../entry';
import { errorText } from '../error-text';
import type { Tell } from '../inbox-event';
import type { WorkSettings } from '../settings';
import { within } from '../within';
import type { Engine, InboxWorker } from './engine';
import { type InboxJob, type RetryNote, toEntry, toFullEntry } from './job';

/** Handles what a queue holds, until it is stopped. */
export interface Work {
  /** As `Inbox.stop`, for the work alone. */
  stop(timeoutMs: number): Promise<void>;
}

const BURIED = 'Buried by hand.';

/** What makes BullMQ retry a job or, by its name, give it up. Its message is all that BullMQ writes down. */
class AttemptError extends Error {
  readonly result: Exclude<AttemptResult, { type: 'succeeded' }>;

  constructor(result: AttemptError['result'], text = errorText(result.error)) {
    super(text);
    this.result = result;
    this.name = result.type === 'dead' ? 'UnrecoverableError' : 'AttemptError';
    this.stack = text; // where this was made tells nobody anything
  }
}

export async function startWork(engine: Engine, receiver: Receiver, settings: WorkSettings, tell: Tell): Promise<Work> {
  const cuts = new Map<string, (reason: Cut) => void>();
  const durations = new Map<string, number>();
  const { concurrency, leaseMs, retry } = settings;
  const worker: InboxWorker = engine.createWorker((job, token) => handle(job, token ?? ''), {
    autorun: false,
    concurrency,
    lockDuration: leaseMs,
    stalledInterval: leaseMs,
    maxStalledCount: retry.maxAttempts, // a delivery that kills its process is given up as well
    settings: {
      backoffStrategy: (_attempts, _type, error) =>
        error instanceof AttemptError && error.result.type === 'retried'
          ? Math.max(1, +error.result.retryAt - Date.now())
          : 1,
    },
  });
  worker.on('error', (error) => tell({ type: 'store-failed', error }));
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) cuts.get(id)?.('lost');
  });
  worker.on('failed', (job, error) => {
    if (!job) return;
    const entry = factsOf(toEntry(job, 'dead'));
    const attempt = job.attemptsMade;
    const result = error instanceof AttemptError ? error.result : ({ type: 'dead', error } as const);
    const over = attempt >= (job.opts.attempts ?? 1); // whoever stored it may allow fewer attempts than we do
    tell(over ? { type: 'dead', entry, attempt, error: result.error } : { ...result, entry, attempt });
  });

  async function handle(job: InboxJob, token: string): Promise<void> {
    if (job.data.buried) throw new AttemptError({ type: 'dead', error: new Error(BURIED) }, BURIED);
    const full = toFullEntry(job, 'active');
    const entry = factsOf(full);
    const attempt = full.attempts;
    tell({ type: 'started', entry, attempt });
    const cutShort = new Promise<Cut>((resolve) => cuts.set(full.id, resolve));
    const result = await attemptUnlessCut(receiver, full, settings, cutShort);
    cuts.delete(full.id);
    if (result === 'stopped' || result === 'lost') {
      if (result === 'stopped') await job.moveToWait(token);
      tell({ type: 'returned', entry, attempt });
      throw new WaitingError();
    }
    if (result.type === 'succeeded') {
      durations.set(full.id, result.durationMs);
      return;
    }
    if (result.type === 'retried') await note(job, { retryAt: +result.retryAt });
    throw new AttemptError(result);
  }

  worker.on('completed', (job) => {
    const full = toFullEntry(job, 'done');
    const durationMs = durations.get(full.id) ?? 0;
    durations.delete(full.id);
    tell({ type: 'succeeded', entry: factsOf(full), attempt: full.attempts, durationMs });
  });

  await worker.waitUntilReady();
  worker.run().catch((error: unknown) => tell({ type: 'store-failed', error }));
  return {
    async stop(timeoutMs) {
      const closed = worker.close();
      await within(timeoutMs, closed, () => undefined).catch(() => {});
      for (const cut of cuts.values()) cut('stopped');
      await closed;
    },
  };
}

/** A note that cannot be written is no reason to lose sight of why the handler failed. */
async function note(job: InboxJob, retry: RetryNote): Promise<void> {
  await job.updateProgress(retry).catch(() => {});
}
