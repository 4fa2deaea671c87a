import type { SSEStreamingApi } from 'hono/streaming';
import type { Delivery, Filter, Journal } from '../listen/journal';

/** Limits the number of repaints. */
const BATCH_EVERY_MS = 200;
const MAX_BATCH = 100;

/** Something that a page shows in addition to its rows. */
export interface Aside {
  /** The name of the message. */
  readonly event: string;
  /** Returns what the page shows now. */
  text(): string;
  /** Calls the listener with each change. Returns a function that removes it. */
  onChange(listener: () => void): () => void;
}

/** Sends changes to open pages. */
export class Live {
  readonly #journal: Journal;
  readonly #wakers = new Set<() => void>();
  #closed = false;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Sends new and changed rows that match a filter, and what else the page shows, until the page is closed. */
  async follow(
    stream: SSEStreamingApi,
    filter: Filter,
    write: (deliveries: readonly Delivery[]) => string,
    aside?: Aside,
  ): Promise<void> {
    const changed = new Set<number>();
    let isAsideOld = false;
    let wake = () => {};
    const nudge = () => wake();
    const forget = this.#journal.onChange((seq) => {
      changed.add(seq);
      wake();
    });
    const forgetAside = aside?.onChange(() => {
      isAsideOld = true;
      wake();
    });
    this.#wakers.add(nudge);
    stream.onAbort(nudge);
    try {
      await stream.writeSSE({ event: 'hello', data: '' });
      while (!stream.aborted && !stream.closed && !this.#closed) {
        if (aside && isAsideOld) {
          isAsideOld = false;
          await stream.writeSSE({ event: aside.event, data: aside.text() });
          continue;
        }
        if (changed.size === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const among = [...changed].slice(-MAX_BATCH);
        changed.clear();
        const data = write(this.#journal.list({ ...filter, among }, MAX_BATCH));
        await stream.writeSSE({ event: 'rows', data });
        await stream.sleep(BATCH_EVERY_MS);
      }
    } finally {
      forget();
      forgetAside?.();
      this.#wakers.delete(nudge);
    }
  }

  close(): void {
    this.#closed = true;
    for (const wake of this.#wakers) wake();
  }
}
