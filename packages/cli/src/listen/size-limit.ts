import type { InboxStore } from '@blue-webhooks/inbox';
import type { Database } from './database';
import type { Journal } from './journal';

/** The share of the limit that is freed when it is reached, so that not every delivery has to free space. */
const FREED_SHARE = 0.1;
/** The size of a row without its body: headers, indexes, the rest of its last page. */
const ROW_BYTES = 20_000;
/** For how long the ids of deleted deliveries are recognised, in milliseconds: much longer than Blue retries. */
const RECOGNISED_MS = 2 * 86_400_000;

/** Limits the size of a database, journal and inbox together. The oldest deliveries are deleted first. */
export class SizeLimit {
  readonly #database: Database;
  readonly #journal: Journal;
  readonly #store: InboxStore;
  readonly #maxBytes: number;
  #turn: Promise<unknown> = Promise.resolve();
  /** Reserved by writes in progress. */
  #reservedBytes = 0;

  constructor(database: Database, journal: Journal, store: InboxStore, maxBytes: number) {
    this.#database = database;
    this.#journal = journal;
    this.#store = store;
    this.#maxBytes = maxBytes;
  }

  /** Returns the store with a `put` that rejects when the limit is reached: the response is 503, and Blue retries. */
  limited(): InboxStore {
    const put: InboxStore['put'] = (entry) =>
      this.within(Buffer.byteLength(entry.rawBody), () => this.#store.put(entry));
    return { ...this.#store, put };
  }

  /**
   * Calls `write`, which stores a body, after deleting the oldest finished deliveries if the limit is reached.
   * @throws Error if unfinished deliveries alone reach the limit
   */
  async within<T>(bodyBytes: number, write: () => T): Promise<Awaited<T>> {
    const bytes = bodyBytes + ROW_BYTES;
    const room = this.#turn.then(() => this.#reserve(bytes));
    this.#turn = room.catch(() => {});
    await room;
    try {
      return await write();
    } finally {
      this.#reservedBytes -= bytes;
    }
  }

  async #reserve(bytes: number): Promise<void> {
    const target = this.#maxBytes * (1 - FREED_SHARE);
    const excess = (limit: number) => this.#usedBytes() + this.#reservedBytes + bytes - limit;
    if (excess(this.#maxBytes) > 0) {
      for (let left = excess(target); left > 0; ) {
        const dropped = this.#journal.dropOldest(left);
        await this.#store.prune({
          before: new Date(this.#journal.oldestAtMs() ?? Date.now()),
          states: ['done', 'skipped', 'dead'],
          forgetBefore: new Date(Date.now() - RECOGNISED_MS),
        });
        const now = excess(target);
        if (dropped === 0 && now >= left) break;
        left = now;
      }
    }
    if (excess(this.#maxBytes) > 0) {
      throw new Error('The database has reached its size limit with unfinished deliveries.');
    }
    this.#reservedBytes += bytes;
  }

  /** Returns the size without free pages, which SQLite reuses. */
  #usedBytes(): number {
    const value = (pragma: string) => {
      const [row] = this.#database.prepare(`PRAGMA ${pragma}`).all() as Record<string, unknown>[];
      return Number(Object.values(row ?? {})[0]);
    };
    return (value('page_count') - value('freelist_count')) * value('page_size');
  }
}
