import type { Receiver } from '@blue-webhooks/core';
import { clearInterval, clearTimeout, nextTurn, setInterval, setTimeout, sleep, type Timer } from '#runtime';
import { type AttemptResult, attemptUnlessCut, type Cut, type Progress } from './attempt';
import { factsOf } from './delivery';
import { errorText } from './error-text';
import type { Report } from './inbox-event';
import type { CheckedLimit } from './limit-options';
import { createLimiter } from './limiter';
import { inNeutralContext } from './neutral-context';
import type { WorkSettings } from './settings';
import type { InboxStore, Lease, Settlement } from './store';
import { StoreError } from './store-error';
import { within } from './within';

/** Handles the deliveries of a store until it is stopped. */
export interface Worker {
  /** Starts the worker. Called once: a stopped worker is not started again. */
  start(): void;
  /** Looks for due deliveries now. */
  wake(): void;
  /** Renews all leases now, and aborts the attempts whose delivery is gone. */
  renew(): void;
  /** Takes no more deliveries. Resolves when running handlers have ended or, after `timeoutMs`, their deliveries were returned. */
  stop(timeoutMs: number): Promise<void>;
}

export interface WorkerSettings extends WorkSettings {
  readonly pollMs: number;
  readonly skipStale: boolean;
  readonly limits: readonly CheckedLimit[];
}

interface Running {
  readonly lease: Lease;
  readonly cut: (reason: Cut) => void;
  readonly ended: Promise<void>;
}

const RENEWALS_PER_LEASE = 3;
/** The pause before a result that could not be stored is stored again. */
const SETTLE_AGAIN_MS = 500;
/** How long the next handler of a delivery waits until the success of the one before is stored. */
const RECORD_WITHIN_MS = 5_000;
/** How long a stop waits for aborted handlers, and for the store, to return their deliveries. */
const HAND_BACK_WITHIN_MS = 5_000;

export function createWorker(store: InboxStore, receiver: Receiver, settings: WorkerSettings, report: Report): Worker {
  const { concurrency, leaseMs, pollMs, skipStale, limits } = settings;
  const limiter = createLimiter(store, limits, report);
  const renewMs = leaseMs / RENEWALS_PER_LEASE;
  const running = new Set<Running>();
  const failed = (error: unknown) => report({ type: 'store-failed', error });
  let accepting = false;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let pollTimer: Timer | undefined;
  let renewTimer: Timer | undefined;
  let renewedAt = 0;

  function wake(): void {
    if (!accepting) return;
    lookAgain = true;
    looking ??= look().finally(() => {
      looking = undefined;
      if (lookAgain) wake();
    });
  }

  /** Takes as many deliveries as may run, and sets the timer for the next look. */
  async function look(): Promise<void> {
    clearTimeout(pollTimer);
    while (accepting && lookAgain) {
      lookAgain = false;
      const limit = concurrency - running.size;
      if (limit === 0) return; // the next attempt that ends looks again
      try {
        // After a time in which this process was blocked, or the store was down, its own leases must not look lapsed.
        if (performance.now() - renewedAt > renewMs) await renew();
        const leases = await store.lease({
          limit,
          leaseMs,
          findStale: skipStale,
          ...(limits.length > 0 && { limits }),
        });
        const admitted = await admit(leases);
        admitted.forEach(begin);
        if (admitted.length < leases.length) {
          lookAgain = true; // deliveries of other keys may be due behind these
          await nextTurn(); // a store in memory would leave no turn to anything else
        }
      } catch (error) {
        failed(error);
      }
    }
    if (accepting) pollTimer = setTimeout(wake, pollMs);
  }

  /** Returns the leases that may run now. The others, and all if it fails, are no longer leased. */
  async function admit(leases: readonly Lease[]): Promise<readonly Lease[]> {
    const handBack = () => Promise.all(leases.map((lease) => settle(lease, { type: 'returned' })));
    try {
      const skipped = leases.filter(isSkipped);
      const admitted = accepting ? await limiter.admit(leases.filter((lease) => !isSkipped(lease))) : [];
      if (accepting) return [...skipped, ...admitted];
    } catch (error) {
      await handBack();
      throw error;
    }
    await handBack();
    return [];
  }

  async function renew(): Promise<void> {
    const now = performance.now();
    const held = new Map([...running].map((attempt) => [attempt.lease, attempt]));
    const lost = held.size === 0 ? [] : await store.renew([...held.keys()]);
    for (const lease of lost) held.get(lease)?.cut('lost');
    renewedAt = now;
  }

  function begin(lease: Lease): void {
    let cut: Running['cut'] = () => {};
    const cutShort = new Promise<Cut>((resolve) => {
      cut = resolve;
    });
    const attempt: Running = {
      lease,
      cut,
      ended: handle(lease, cutShort).finally(() => {
        running.delete(attempt);
        wake();
      }),
    };
    running.add(attempt);
  }

  async function handle(lease: Lease, cutShort: Promise<Cut>): Promise<void> {
    const delivery = factsOf(lease.delivery);
    const attempt = lease.delivery.attempts;
    if (isSkipped(lease)) {
      if (await settle(lease, { type: 'skipped' })) report({ type: 'skipped', delivery });
      return;
    }
    report({ type: 'started', delivery, attempt });
    const progress = createProgress(lease, () => report({ type: 'unhandled', delivery, attempt }));
    const attempted = await attemptUnlessCut(receiver, lease.delivery, settings, cutShort, progress);
    await progress.end(typeof attempted !== 'string' && attempted.type === 'succeeded');
    const result = typeof attempted === 'string' ? attempted : await limiter.end(lease, attempted, persist);
    if (typeof result !== 'string' && (await settle(lease, settlementOf(result, lease.delivery.rawBody)))) {
      return report({ ...result, delivery, attempt });
    }
    if (result === 'stopped') await settle(lease, { type: 'returned' });
    report({ type: 'returned', delivery, attempt });
  }

  /** Stores which handlers of a delivery have succeeded: after each, and again at the end if that failed. */
  function createProgress(
    lease: Lease,
    onUnhandled: () => void,
  ): Progress & { end(succeeded: boolean): Promise<void> } {
    let unwritten: readonly string[] | undefined;
    let over = false;
    return {
      onUnhandled,
      async record(handled) {
        if (over) return;
        unwritten = handled;
        try {
          const late = () =>
            new StoreError('TIMEOUT', 'The store did not record in time that a handler has succeeded.');
          await within(RECORD_WITHIN_MS, store.recordHandled(lease, handled), late);
          if (unwritten === handled) unwritten = undefined;
        } catch (error) {
          failed(error);
        }
      },
      async transaction(handled, work, signal) {
        if (await store.transaction?.({ lease, handled, work, signal })) return;
        throw new StoreError('LEASE_LOST', 'Another process has the delivery: nothing was committed.');
      },
      async end(succeeded) {
        over = true;
        const handled = unwritten;
        if (handled && !succeeded) await persist(() => store.recordHandled(lease, handled));
      },
    };
  }

  const settle = (lease: Lease, settlement: Settlement) => persist(() => store.settle(lease, settlement));

  /** Writes until it succeeds or the worker stops. The lease keeps other processes from the delivery meanwhile. */
  async function persist(write: () => Promise<boolean>): Promise<boolean> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        failed(error);
        if (!accepting) return false; // the delivery runs again: at least once
        await sleep(SETTLE_AGAIN_MS);
      }
    }
  }

  return {
    start() {
      accepting = true;
      inNeutralContext(() => {
        renewTimer = setInterval(() => renew().catch(failed), renewMs);
        wake();
      });
    },
    wake: () => inNeutralContext(wake),
    renew: () => void inNeutralContext(renew).catch(failed),
    async stop(timeoutMs) {
      accepting = false;
      clearTimeout(pollTimer);
      const drained = async (ms: number) => {
        const all = async () => {
          await looking;
          await Promise.all([...running].map(({ ended }) => ended));
        };
        await within(ms, all(), () => undefined).catch(() => {});
      };
      await drained(timeoutMs);
      for (const { cut } of running) cut('stopped');
      await drained(HAND_BACK_WITHIN_MS);
      clearInterval(renewTimer);
    },
  };
}

function settlementOf(result: AttemptResult, rawBody: string): Settlement {
  if (result.type === 'succeeded') return { type: 'done' };
  if (result.type === 'postponed') return { type: 'postponed', until: result.until };
  const error = errorText(result.error, rawBody);
  return result.type === 'dead-letter' ? { type: 'dead', error } : { type: 'retry', error, retryAt: result.retryAt };
}

/** Creations and deletions are never stale: no newer state replaces them. */
const isSkipped = ({ stale, delivery }: Lease): boolean => stale && !/_(CREATED|DELETED)$/.test(delivery.event);
