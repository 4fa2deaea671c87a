import { count, kindOf, notify, requireFunctions } from '@blue-webhooks/core/adapter';
import { sleep } from '#runtime';
import type { InboxDelivery } from './delivery';
import { requireDate } from './queries';
import { flag } from './settings';
import type { InboxStore, ReplaySelection } from './store';

/** How `inbox.replay` runs. */
export interface ReplayOptions {
  /** How many deliveries are replayed within any second at most, up to 10,000. Defaults to all immediately. */
  readonly perSecond?: number | undefined;
  /** Called after each step of a replay with `perSecond`. Not awaited; what it throws is ignored. */
  readonly onProgress?: ((progress: ReplayProgress) => unknown) | undefined;
  /** Returns how many deliveries would be replayed, and changes nothing. Defaults to `false`. */
  readonly dryRun?: boolean | undefined;
  /**
   * Leaves out deliveries that were finished at this time or later: pass the `startedAt` of an interrupted replay to continue it.
   * Defaults to none.
   */
  readonly finishedBefore?: Date | undefined;
  /** Ends a replay with `perSecond` before its next step, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a replay is. */
export interface ReplayProgress {
  /** How many deliveries will run, or have run, again. */
  readonly replayed: number;
  /** How many of the selected deliveries are left. */
  readonly remaining: number;
  /** How many were selected, at the start. */
  readonly total: number;
  /** When the replay started. */
  readonly startedAt: Date;
}

/** What a replay reads and changes. */
export interface ReplaySource extends Pick<InboxStore, 'list' | 'get' | 'replay'> {}

/** The time by which a replay keeps its pace. */
export interface ReplayClock {
  /** In milliseconds, from any start. */
  now(): number;
  /** @throws Error if the signal aborts */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Replays deliveries. */
export interface Replays {
  /** @throws TypeError for an invalid option */
  replay(selection: ReplaySelection, options?: ReplayOptions): Promise<number>;
  /** Ends all replays that run. */
  stop(): void;
}

const MAX_PER_SECOND = 10_000;
/** A faster pace has larger steps, each of which is one call of the store. */
const MAX_STEPS_PER_SECOND = 20;
const SECOND_MS = 1_000;
const PAGE = 1_000;

const realClock: ReplayClock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => void (await sleep(ms, undefined, { signal })),
};

export function createReplays(source: ReplaySource, clock: ReplayClock = realClock): Replays {
  const running = new Set<AbortController>();

  async function replay(selection: ReplaySelection, options: ReplayOptions | undefined): Promise<number> {
    if (options === undefined) return source.replay(selection);
    const { perSecond, onProgress, dryRun, finishedBefore, signal } = requireOptions(options);
    const ids = await selected(source, selection, finishedBefore);
    if (dryRun) return ids.length;
    if (perSecond === undefined) return source.replay({ ids });
    const startedAt = new Date();
    const controller = new AbortController();
    const abort = () => controller.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    running.add(controller);
    try {
      let replayed = 0;
      await paced(ids, perSecond, clock, controller.signal, async (step, remaining) => {
        replayed += await source.replay({ ids: step });
        notify(undefined, onProgress, { replayed, remaining, total: ids.length, startedAt });
      });
      return replayed;
    } finally {
      running.delete(controller);
      signal?.removeEventListener('abort', abort);
    }
  }

  return {
    replay,
    stop() {
      for (const controller of running) {
        controller.abort(
          new DOMException('The inbox was stopped during a replay: replay again to continue.', 'AbortError'),
        );
      }
    },
  };
}

/** Runs the steps, such that none of `perSecond + 1` consecutive ids come within a second, however long a step takes. */
async function paced(
  ids: readonly string[],
  perSecond: number,
  clock: ReplayClock,
  signal: AbortSignal,
  run: (step: readonly string[], remaining: number) => Promise<void>,
): Promise<void> {
  const size = Math.max(1, Math.floor(perSecond / MAX_STEPS_PER_SECOND));
  const stepsPerSecond = Math.floor(perSecond / size);
  /** When the last steps ended, at most those of one second. */
  const ends: number[] = [];
  let nextAt = clock.now();
  for (let from = 0; from < ids.length; from += size) {
    const [oldest] = ends.length === stepsPerSecond ? ends : [];
    const earliest = Math.max(nextAt, oldest === undefined ? nextAt : oldest + SECOND_MS);
    for (let waitMs = earliest - clock.now(); waitMs > 0; waitMs = earliest - clock.now()) {
      await clock.sleep(Math.ceil(waitMs), signal).catch(() => {}); // an aborted one throws below
      signal.throwIfAborted();
    }
    signal.throwIfAborted();
    nextAt = clock.now() + SECOND_MS / stepsPerSecond;
    await run(ids.slice(from, from + size), Math.max(0, ids.length - from - size));
    ends.push(clock.now());
    if (ends.length > stepsPerSecond) ends.shift();
  }
}

/** Returns the ids of the deliveries that a selection replays now, in order of arrival. */
async function selected(
  { list, get }: ReplaySource,
  selection: ReplaySelection,
  finishedBefore: Date | undefined,
): Promise<readonly string[]> {
  const isSelected = ({ state, finishedAt }: InboxDelivery) =>
    state !== 'held' &&
    state !== 'active' &&
    (finishedBefore === undefined || finishedAt === undefined || finishedAt < finishedBefore);
  if ('ids' in selection) {
    const ids: string[] = [];
    for (const id of new Set(selection.ids)) {
      const delivery = await get(id);
      if (delivery && isSelected(delivery)) ids.push(id);
    }
    return ids;
  }
  // A set: in a list that changes between two pages, a delivery can appear on both.
  const newestFirst = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await list({ ...selection.filter, limit: PAGE, cursor });
    for (const delivery of page.deliveries) if (isSelected(delivery)) newestFirst.add(delivery.id);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return [...newestFirst].reverse();
}

function requireOptions(options: ReplayOptions): ReplayOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`The options of a replay must be an object, got ${kindOf(options)}: { perSecond: 5 }.`);
  }
  const { perSecond, onProgress, dryRun = false, finishedBefore, signal } = options;
  requireFunctions({ onProgress });
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new TypeError(`signal must be an AbortSignal, got ${kindOf(signal)}.`);
  }
  return {
    perSecond: perSecond === undefined ? undefined : count('perSecond', perSecond, MAX_PER_SECOND),
    onProgress,
    dryRun: flag('dryRun', dryRun),
    finishedBefore: requireDate('finishedBefore', finishedBefore),
    signal,
  };
}
