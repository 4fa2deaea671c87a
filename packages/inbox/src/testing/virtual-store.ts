import { memoryStoreAt } from '../memory-store';
import { applies } from '../pauses';
import type { InboxStore, Settlement } from '../store';

/** A store in memory with a clock of its own, which runs ahead of the real one. */
export interface VirtualStore {
  readonly store: InboxStore;
  /** How far the clock is ahead, in milliseconds. */
  readonly aheadMs: number;
  /**
   * Returns in how many milliseconds the next delivery is due, 0 for now; `undefined` if none waits that is not paused. While
   * handlers run, it is 0.
   */
  dueInMs(): Promise<number | undefined>;
  /** Sets the clock forward. */
  advance(ms: number): void;
}

const PAGE = 1_000;

export function createVirtualStore(): VirtualStore {
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const memory = memoryStoreAt(now);

  /** The worker computes times by the real clock. */
  function shifted(settlement: Settlement): Settlement {
    const shift = (date: Date) => new Date(+date + aheadMs);
    if (settlement.type === 'retry') return { ...settlement, retryAt: shift(settlement.retryAt) };
    return settlement.type === 'postponed' ? { type: 'postponed', until: shift(settlement.until) } : settlement;
  }

  async function dueInMs(): Promise<number | undefined> {
    const { active, limits } = await memory.stats();
    if (active > 0) return 0;
    /** Without a time, the limit allows an attempt now. */
    const opensAt = (key: string | undefined) =>
      Math.max(0, ...limits.filter((limit) => limit.key === key).map((limit) => Number(limit.opensAt ?? 0)));
    const pauses = await memory.paused();
    let earliest: number | undefined;
    let cursor: string | undefined;
    do {
      const page = await memory.list({ state: 'waiting', limit: PAGE, cursor });
      for (const delivery of page.deliveries) {
        if (pauses.some((pause) => applies(pause, delivery))) continue;
        const dueIn = Math.max(0, Number(delivery.retryAt ?? opensAt(delivery.limitKey)) - now());
        earliest = earliest === undefined ? dueIn : Math.min(earliest, dueIn);
      }
      cursor = page.cursor;
    } while (cursor !== undefined && earliest !== 0);
    return earliest;
  }

  return {
    store: {
      ...memory,
      notDurable: undefined,
      settle: (lease, settlement) => memory.settle(lease, shifted(settlement)),
    },
    get aheadMs() {
      return aheadMs;
    },
    dueInMs,
    advance(ms) {
      aheadMs += ms;
    },
  };
}
