import { setTimeout as sleep } from 'node:timers/promises';

/** Whether another process has locked the file. Told by SQLite's own words: each driver has codes of its own. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && /database (table )?is locked/.test(error.message);
}

/** Whether the disk is full: what has been written stays good, and the file can be used again once there is room. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && /database or disk is full/.test(error.message);
}

const PAUSE_MS = 25;

/** Does the work, again and again for so many milliseconds while the file is locked. */
export async function whileBusy<T>(timeoutMs: number, work: () => T): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= giveUpAt) throw error;
      await sleep(PAUSE_MS * (0.5 + Math.random()));
    }
  }
}
