import { clearInterval, setInterval } from 'node:timers';
import { type DeliveryHandler, type FetchRequest, type Receiver, toRawDelivery, toResponse } from '@blue-webhooks/core';
import { checkedStore } from './checked-store';
import type { FullEntry } from './entry';
import { createTell } from './inbox-event';
import { createHandle } from './intake';
import { createLifecycle, type Run } from './lifecycle';
import { inNeutralContext } from './neutral-context';
import { replaySelectionOf, requireDate, requireId, requireQuery } from './queries';
import { count, flag, requireReceiver, stopTimeoutOf, type WorkOptions, workSettingsOf } from './settings';
import type { EntryFilter, InboxPage, InboxStats, InboxStore, ListQuery } from './store';
import { StoreError } from './store-error';
import { within } from './within';
import { createWorker, type Worker } from './worker';

export interface InboxOptions extends WorkOptions {
  /** Verifies what arrives, and has the handlers. It needs no ledger and no `deadLetter` here. */
  readonly receiver: Receiver;
  /** Where deliveries are kept: `sqliteStore(path)`, `memoryStore()` in tests, your own. */
  readonly store: InboxStore;
  /**
   * `'entity'`, unless told: deliveries of one entity are handled one after the other in order of arrival, and one that
   * fails holds the others up until it is dead. `'none'`: each as soon as there is room.
   */
  readonly order?: 'entity' | 'none' | undefined;
  /** Skip an update whose entity has an older `updatedAt` than one that is done; not unless told. */
  readonly skipStale?: boolean | undefined;
  /**
   * How often an idle inbox looks for what other processes have stored and for retries that are due, in milliseconds; 1,000
   * unless told. What this process stores is handled at once.
   */
  readonly pollMs?: number | undefined;
}

/** Stores deliveries, acknowledges them, and works afterwards. Adapters take it as they take a receiver. */
export interface Inbox extends DeliveryHandler {
  /** Answers a Fetch request, as `receiver.fetch` does. Needs no `this`. */
  fetch(request: FetchRequest, ...context: readonly unknown[]): Promise<Response>;
  /**
   * Begins to handle what is stored. Taking deliveries in needs no start: that may be done here, and the work elsewhere.
   * @throws Error if the store cannot be used
   */
  start(): Promise<void>;
  /**
   * Ends the work: takes nothing more, waits for the handlers that run, 10 seconds unless told, then aborts their signals and
   * hands their deliveries back, and closes the store. Close the server first, and end the process afterwards.
   */
  stop(options?: { readonly timeoutMs?: number | undefined }): Promise<void>;
  /** How many deliveries are in each state. */
  stats(): Promise<InboxStats>;
  /**
   * Stored deliveries without their bodies, newest first.
   * @throws TypeError for a query that could not be meant
   */
  list(query?: ListQuery): Promise<InboxPage>;
  /** One delivery with its body. */
  get(id: string): Promise<FullEntry | undefined>;
  /**
   * Runs deliveries again: by id, or all that a filter finds. Their attempts are counted anew. Returns how many will run.
   * @throws TypeError for a selection that could not be meant
   */
  replay(selection: string | readonly string[] | EntryFilter): Promise<number>;
  /** Gives up a delivery that is not finished, such as one that holds its entity's others up: whether there was one. */
  bury(id: string): Promise<boolean>;
  /**
   * Deletes deliveries that are done or skipped and were received before `olderThan`, by default as long ago as
   * `retentionMs`; the dead only with `dead: true`. Their ids are remembered for `dedupeMs`. A started inbox does this by itself,
   * once an hour. Returns how many were deleted.
   * @throws TypeError if `olderThan` is no valid date
   */
  prune(options?: { readonly olderThan?: Date | undefined; readonly dead?: boolean | undefined }): Promise<number>;
}

const PRUNE_EVERY_MS = 3_600_000;
/** How long a stop waits for the store to close. */
const CLOSE_WITHIN_MS = 5_000;

/**
 * Takes deliveries in durably, and handles them afterwards with retries of its own, so that nothing a handler does can make
 * Blue disable the webhook.
 *
 * @example
 * const inbox = createInbox({ receiver, store: sqliteStore('blue-inbox.db') });
 * app.post('/webhooks/blue', blueWebhook(inbox));
 * await inbox.start();
 * @throws TypeError for an option that could not be meant
 */
export function createInbox(options: InboxOptions): Inbox {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError("createInbox needs options: createInbox({ receiver, store: sqliteStore('blue-inbox.db') }).");
  }
  const receiver = requireReceiver(options.receiver);
  const store = checkedStore(requireStore(options.store));
  const { order = 'entity', skipStale = false } = options;
  if (order !== 'entity' && order !== 'none') throw new TypeError("order must be 'entity' or 'none'.");
  const settings = {
    ...workSettingsOf(options),
    skipStale: flag('skipStale', skipStale),
    pollMs: count('pollMs', options.pollMs ?? 1_000, 86_400_000),
  };
  const tell = createTell(options);
  let worker: Worker | undefined;
  const warned = new Set<string>();

  /** Reports once what the store says about itself; it may have to be opened before it can. */
  function warn(): void {
    for (const reason of store.warnings ?? []) {
      if (warned.has(reason)) continue;
      warned.add(reason);
      tell({ type: 'warning', reason });
    }
  }

  const handle = createHandle(
    receiver,
    {
      async put(entry) {
        const result = await store.put(entry);
        warn();
        if (result === 'stored') worker?.wake();
        return result;
      },
      probe: () => store.probe(),
    },
    { ordered: order === 'entity', tell, tracing: settings.tracing },
  );

  const prune: Inbox['prune'] = async ({ olderThan, dead = false } = {}) =>
    store.prune({
      before: requireDate('olderThan', olderThan) ?? new Date(Date.now() - settings.retentionMs),
      states: flag('dead', dead) ? ['done', 'skipped', 'dead'] : ['done', 'skipped'],
      forgetBefore: new Date(Date.now() - settings.dedupeMs),
    });
  const pruneQuietly = () => prune().catch((error: unknown) => tell({ type: 'store-failed', error }));

  async function begin(signal: AbortSignal): Promise<Run | undefined> {
    await Promise.race([store.open(), aborted(signal)]);
    if (signal.aborted) return undefined;
    if (store.notDurable !== undefined) tell({ type: 'not-durable', reason: store.notDurable });
    warn();
    const started = createWorker(store, receiver, settings, tell);
    worker = started;
    started.start();
    const pruneTimer = inNeutralContext(() => setInterval(pruneQuietly, PRUNE_EVERY_MS).unref());
    void pruneQuietly();
    return {
      async stop(timeoutMs) {
        clearInterval(pruneTimer);
        if (worker === started) worker = undefined;
        await started.stop(timeoutMs);
      },
    };
  }

  async function release(): Promise<void> {
    const late = () => new StoreError('TIMEOUT', 'The store did not close in time.');
    await within(CLOSE_WITHIN_MS, store.close(), late).catch((error: unknown) => tell({ type: 'store-failed', error }));
  }

  const lifecycle = createLifecycle({ begin, release });

  return {
    handle,
    fetch: async (request, ...context) => toResponse(await handle(toRawDelivery(request, ...context))),
    start: lifecycle.start,
    stop: async ({ timeoutMs } = {}) => lifecycle.stop(stopTimeoutOf(timeoutMs)),
    stats: () => store.stats(),
    list: async (query = {}) => store.list(requireQuery(query)),
    get: async (id) => store.get(requireId(id)),
    async replay(selection) {
      const replayed = await store.replay(replaySelectionOf(selection));
      worker?.wake();
      return replayed;
    },
    async bury(id) {
      const buried = await store.bury(requireId(id));
      worker?.wake(); // whoever was behind it
      return buried;
    },
    prune,
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** @throws TypeError naming the first method that is missing */
function requireStore(store: unknown): InboxStore {
  const methods = [
    'open',
    'put',
    'probe',
    'lease',
    'renew',
    'recordHandled',
    'settle',
    'list',
    'get',
    'replay',
    'bury',
    'prune',
    'stats',
    'close',
  ];
  const missing = methods.find((name) => typeof (store as Record<string, unknown> | undefined)?.[name] !== 'function');
  if (missing === undefined) return store as InboxStore;
  throw new TypeError(
    `store.${missing} must be a function: pass sqliteStore('blue-inbox.db'), or a store of your own.`,
  );
}
