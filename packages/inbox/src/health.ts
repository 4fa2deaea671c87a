import { count, type DriverError } from '@blue-webhooks/core/adapter';
import { storeErrorOf } from './inbox-event';
import type { LimitStats } from './limits';
import type { Pause } from './pauses';
import type { InboxStats, InboxStore } from './store';
import { StoreError } from './store-error';
import { within } from './within';

/** Whether an inbox works, for a health endpoint. */
export interface InboxHealth {
  /** Whether this process handles stored deliveries: `start` has succeeded, and `stop` was not called since. */
  readonly started: boolean;
  /** `'failed'`: the store could not be written and read in time. Deliveries are answered 503, and none is handled. */
  readonly store: 'ok' | 'failed';
  /** Why the store has failed; `undefined` if it works. */
  readonly error: StoreError | DriverError | undefined;
  /** The age of the oldest waiting delivery in milliseconds; `undefined` if none waits, or the store has failed. */
  readonly oldestWaitingMs: number | undefined;
  /** How many dead letters there are; `undefined` if the store has failed. */
  readonly dead: number | undefined;
  /** What is paused, the oldest pause first; empty if the store has failed. */
  readonly paused: readonly Pause[];
  /** The keys of limits whose breakers are open; empty if the store has failed. */
  readonly openBreakers: readonly LimitStats[];
}

/** Options of `inbox.health`. */
export interface HealthOptions {
  /** How long the store may take, in milliseconds. Defaults to 1,000. */
  readonly timeoutMs?: number | undefined;
}

/** Returns the health of an inbox. */
export type Health = (options?: HealthOptions) => Promise<InboxHealth>;

interface Checked {
  readonly stats: InboxStats;
  readonly paused: readonly Pause[];
}

const MAX_TIMEOUT_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 1_000;
/** After this time, a check that has not ended no longer stands for the store: it may have come back since. */
const GIVE_UP_AFTER_MS = 30_000;

/** Creates the function that checks a store by writing and reading. */
export function createHealth(store: Pick<InboxStore, 'probe' | 'stats' | 'paused'>, isStarted: () => boolean): Health {
  let current: { readonly work: Promise<Checked>; readonly since: number } | undefined;

  /** One check at a time: against a store that hangs, each further one would stay open as well. */
  function check(): Promise<Checked> {
    if (current && performance.now() - current.since < GIVE_UP_AFTER_MS) return current.work;
    const work = checkOnce().finally(() => {
      if (current === mine) current = undefined;
    });
    const mine = { work, since: performance.now() };
    current = mine;
    return work;
  }

  async function checkOnce(): Promise<Checked> {
    const [stats, paused] = await Promise.all([store.stats(), store.paused(), store.probe()]);
    return { stats, paused };
  }

  return async ({ timeoutMs = DEFAULT_TIMEOUT_MS } = {}) => {
    const ms = count('timeoutMs', timeoutMs, MAX_TIMEOUT_MS);
    const late = () => new StoreError('TIMEOUT', `The store did not respond within ${ms} ms.`);
    try {
      const { stats, paused } = await within(ms, check(), late);
      const { oldestWaitingMs, dead, limits } = stats;
      const openBreakers = limits.filter(({ openSince }) => openSince);
      return { started: isStarted(), store: 'ok', error: undefined, oldestWaitingMs, dead, paused, openBreakers };
    } catch (error) {
      const none = { oldestWaitingMs: undefined, dead: undefined, paused: [], openBreakers: [] };
      return { started: isStarted(), store: 'failed', error: storeErrorOf(error), ...none };
    }
  };
}
