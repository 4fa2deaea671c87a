import type { InboxStore } from '@blue-webhooks/inbox';
import type { Database } from './database';
import type { Journal } from './journal';

/** How much room is made when there is none: a share of the limit, so that not every delivery has to make some. */
const FREED_SHARE = 0.1;
/** What a row takes besides its body: headers, indexes, the rest of its last page. */
const ROW_BYTES = 20_000;
/** For how long the ids of deleted deliveries are recognised, in milliseconds: Blue's attempts and a day. */
const RECOGNISED_MS = 2 * 86_400_000;

/** Keeps a database within a size, the journal and the inbox together: the oldest deliveries go first. */
export class SizeLimit {
  readonly #database: Database;
  readonly #journal: Journal;
  readonly #store: InboxStore;
  readonly #maxBytes: number;
  #turn: Promise<unknown> = Promise.resolve();
  /** For writes that are under way. */
  #reservedBytes = 0;

  constructor(database: Database, journal: Journal, store: InboxStore, maxBytes: number) {
    this.#database = database;
    this.#journal = journal;
    this.#store = store;
    this.#maxBytes = maxBytes;
  }

  /** The store, which refuses a delivery for which there is no room: it is answered 503, and Blue sends it again. */
  limited(): InboxStore {
    const put: InboxStore['put'] = (entry) =>
      this.within(Buffer.byteLength(entry.rawBody), () => this.#store.put(entry));
    return { ...this.#store, put };
  }

  /**
   * Writes a body of so many bytes, after deleting the oldest finished deliveries where there is no room for it.
   * @throws Error if there is none, since what is left is not finished
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
      throw new Error('The database has reached its size limit, and what it keeps is not finished.');
    }
    this.#reservedBytes += bytes;
  }

  /** Without the pages that were freed, which SQLite uses again. */
  #usedBytes(): number {
    const value = (pragma: string) => {
      const [row] = this.#database.prepare(`PRAGMA ${pragma}`).all() as Record<string, unknown>[];
      return Number(Object.values(row ?? {})[0]);
    };
    return (value('page_count') - value('freelist_count')) * value('page_size');
  }
}
