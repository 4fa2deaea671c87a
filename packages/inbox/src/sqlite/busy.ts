import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../store-error';

/** Returns whether a driver's error has a message. The messages are from SQLite; the codes differ between drivers. */
const says = (error: unknown, words: RegExp): boolean => words.test(String((error as Error | undefined)?.message));

/** Whether another process has locked the file. */
export function isBusy(error: unknown): boolean {
  return says(error, /database (table )?is locked/);
}

/** Whether the application has a transaction open on the handle that it shares with the inbox, or reads from it. */
export function isInUse(error: unknown): boolean {
  return says(error, /(within|inside) a transaction|busy executing a query/);
}

/** Whether the disk is full: what has been written stays good, and the file can be used again once there is room. */
export function isFull(error: unknown): boolean {
  return says(error, /database or disk is full/);
}

/** Returns whether it ends by itself, without opening the file again. */
export function isPassing(error: unknown): boolean {
  return isBusy(error) || isInUse(error) || isFull(error) || (StoreError.is(error) && error.code === 'IN_TRANSACTION');
}

/** Returns the error after a wait has timed out. */
export function gaveUp(error: unknown, timeoutMs: number): unknown {
  if (!isInUse(error)) return error;
  return new StoreError(
    'IN_TRANSACTION',
    `The application kept a transaction open for ${timeoutMs} ms on the database handle that it shares with @blue-webhooks/inbox: pass a path instead, or a handle of its own.`,
  );
}

const PAUSE_MS = 25;

/** Does the work, and retries it for `timeoutMs` milliseconds while the file is locked or the handle is in use. */
export async function whileBusy<T>(timeoutMs: number, work: () => T): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) && !isInUse(error)) throw error;
      if (performance.now() >= giveUpAt) throw gaveUp(error, timeoutMs);
      await sleep(PAUSE_MS * (0.5 + Math.random()));
    }
  }
}
