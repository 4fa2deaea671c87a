import { setTimeout } from 'node:timers';
import { isBusy } from './busy';
import type { SqliteDatabase } from './driver';

interface Write {
  readonly work: () => unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  readonly giveUpAt: number;
}

/** One flush blocks the process for as long as it takes: a bound for the rows in it. */
const MAX_WRITES = 256;
const BUSY_PAUSE_MS = 25;

/**
 * Lets writes share transactions, and so the flush to the disk that ends each: all that are asked for within one turn of the
 * event loop, which during a flush are all that arrive.
 */
export class GroupCommit {
  readonly #database: SqliteDatabase;
  readonly #busyTimeoutMs: number;
  readonly #requireFile: () => void;
  #asked: Write[] = [];
  #scheduled = false;

  /** @param requireFile throws when what would be written could not be found again */
  constructor(database: SqliteDatabase, busyTimeoutMs: number, requireFile: () => void) {
    this.#database = database;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#requireFile = requireFile;
  }

  /** Runs the work in a transaction; resolves once it is flushed. Rejects if the file stays locked for `busyTimeoutMs`. */
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
      // Waiting inside SQLite would block the whole process.
      this.#scheduled = true;
      setTimeout(() => this.#flush(), BUSY_PAUSE_MS * (0.5 + Math.random()));
    } else if (this.#asked.length > 0) this.#schedule();
  }

  /** Commits, and returns what is to be tried again because another process has locked the file. */
  #commit(writes: readonly Write[]): readonly Write[] {
    const settlers: (() => void)[] = [];
    try {
      this.#requireFile();
      this.#database.exec('BEGIN IMMEDIATE');
      for (const { work, resolve } of writes) {
        const result = work();
        settlers.push(() => resolve(result as never));
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollBack();
      return this.#failed(writes, error);
    }
    for (const settle of settlers) settle();
    return [];
  }

  #failed(writes: readonly Write[], error: unknown): readonly Write[] {
    if (isBusy(error)) {
      const now = performance.now();
      for (const { giveUpAt, reject } of writes) if (giveUpAt <= now) reject(error);
      return writes.filter(({ giveUpAt }) => giveUpAt > now);
    }
    const [only] = writes;
    // So that one write that cannot be done does not take the others down with it.
    if (writes.length > 1) return writes.flatMap((write) => this.#commit([write]));
    only?.reject(error);
    return [];
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // Never begun, or rolled back by SQLite itself.
    }
  }
}
