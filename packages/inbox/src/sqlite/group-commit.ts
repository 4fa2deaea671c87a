import { setTimeout } from 'node:timers';
import { gaveUp, isBusy, isInUse } from './busy';
import type { Transactions } from './transactions';

interface Write {
  readonly work: () => unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  readonly giveUpAt: number;
}

/** A flush blocks the process: this bounds how many rows it has. */
const MAX_WRITES = 256;
const BUSY_PAUSE_MS = 25;

/**
 * Runs writes in shared transactions, and so with one flush to the disk: all writes of one turn of the event loop, which are
 * all that arrive during a flush.
 */
export class GroupCommit {
  readonly #transactions: Transactions;
  readonly #busyTimeoutMs: number;
  readonly #requireFile: () => void;
  #asked: Write[] = [];
  #scheduled = false;

  /** @param requireFile throws if the path no longer leads to the open file */
  constructor(transactions: Transactions, busyTimeoutMs: number, requireFile: () => void) {
    this.#transactions = transactions;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#requireFile = requireFile;
  }

  /**
   * Runs the work in a transaction; resolves once it is flushed. Rejects if the file stays locked, or the application's own
   * transaction open, for `busyTimeoutMs`.
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#asked.push({ work, resolve, reject, giveUpAt: performance.now() + this.#busyTimeoutMs });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    const writes = this.#asked.splice(0, MAX_WRITES);
    const locked = this.#commit(writes);
    this.#asked.unshift(...locked);
    this.#scheduled = false;
    if (locked.length > 0) {
      // Waiting inside SQLite would block the process.
      this.#scheduled = true;
      setTimeout(() => this.#flush(), BUSY_PAUSE_MS * (0.5 + Math.random()));
    } else if (this.#asked.length > 0) this.#schedule();
  }

  /** Commits. Returns the writes to try again, because another process has locked the file or the handle is in use. */
  #commit(writes: readonly Write[]): readonly Write[] {
    const settlers: (() => void)[] = [];
    let begun = false;
    try {
      this.#requireFile();
      this.#transactions.begin();
      begun = true;
      for (const { work, resolve } of writes) {
        const result = work();
        settlers.push(() => resolve(result as never));
      }
      this.#transactions.commit();
    } catch (error) {
      if (begun) this.#transactions.rollBack(); // never what somebody else has begun
      return this.#failed(writes, error);
    }
    for (const settle of settlers) settle();
    return [];
  }

  #failed(writes: readonly Write[], error: unknown): readonly Write[] {
    if (isBusy(error) || isInUse(error)) {
      const now = performance.now();
      for (const { giveUpAt, reject } of writes) if (giveUpAt <= now) reject(gaveUp(error, this.#busyTimeoutMs));
      return writes.filter(({ giveUpAt }) => giveUpAt > now);
    }
    const [only] = writes;
    // One write that fails must not fail the others.
    if (writes.length > 1) return writes.flatMap((write) => this.#commit([write]));
    only?.reject(error);
    return [];
  }
}
