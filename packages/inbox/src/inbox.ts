import type { DeliveryHandler, EventName, EventOf, FetchRequest, Receiver, StoredDelivery } from '@blue-webhooks/core';
import { count, requireReceiver, toRawDelivery, toResponse } from '@blue-webhooks/core/adapter';
import { clearInterval, setInterval, unref } from '#runtime';
import { createAccept } from './accept';
import { checkedStore } from './checked-store';
import type { FullInboxDelivery } from './delivery';
import { encryptedStore } from './encryption/encrypted-store';
import { createErase, type EraseOptions } from './erase';
import { createHealth, type HealthOptions, type InboxHealth } from './health';
import { createReporter } from './inbox-event';
import { createHandle } from './intake';
import { createLifecycle, type Run } from './lifecycle';
import { limitsOf } from './limit-options';
import type { Limit } from './limits';
import { inNeutralContext } from './neutral-context';
import { createReplays, type ReplayOptions } from './paced-replay';
import { newPause, requireScope } from './pause-options';
import type { Pause, PauseOptions, PauseScope } from './pauses';
import { replaySelectionOf, requireDate, requireId, requireQuery } from './queries';
import { flag, stopTimeoutOf, type WorkOptions, workSettingsOf } from './settings';
import { createStopOnSignal, type StopOnSignalOptions } from './stop-on-signal';
import type { DeliveryFilter, Erasure, InboxPage, InboxStats, InboxStore, ListQuery } from './store';
import { StoreError } from './store-error';
import { inTransaction, type TransactionHandler, type TransactionOptions } from './transaction';
import { within } from './within';
import { createWorker, type Worker } from './worker';

export interface InboxOptions<Tx = unknown> extends WorkOptions {
  /** Verifies deliveries, and has the handlers. Needs no ledger and no `deadLetter`: the inbox does both. */
  readonly receiver: Receiver;
  /** Stores deliveries: `sqliteStore(path)`, `memoryStore()` in tests, or your own store. */
  readonly store: InboxStore<Tx>;
  /**
   * `'entity'`: deliveries of one entity are handled one after the other in order of arrival, and one that fails holds up the
   * others until it is done or dead. `'none'`: in any order. Defaults to `'entity'`.
   */
  readonly order?: 'entity' | 'none' | undefined;
  /** Whether an update is skipped if one with a newer `updatedAt` of its entity is done. Defaults to `false`. */
  readonly skipStale?: boolean | undefined;
  /**
   * How often an idle inbox looks for due retries and for deliveries that other processes stored, in milliseconds. Deliveries
   * that this process stores are handled immediately. Defaults to 1,000.
   */
  readonly pollMs?: number | undefined;
  /**
   * Limits the attempts of deliveries that share a key, in all processes on the store, which need the same limits in the same
   * order. What is over a limit waits, and its attempt does not count. All limits that have a key for a delivery apply to it. Defaults
   * to none.
   */
  readonly limits?: readonly Limit[] | undefined;
}

/** Stores deliveries, acknowledges them, and handles them afterwards. Adapters take it in place of a receiver. */
export interface Inbox<Tx = unknown> extends DeliveryHandler {
  /** Answers a Fetch request, as `receiver.fetch` does. Needs no `this`. */
  fetch(request: FetchRequest, ...context: readonly unknown[]): Promise<Response>;
  /**
   * Starts to handle stored deliveries. Receiving needs no start: one process can receive, and another handle. A start waits
   * for a stop that is under way.
   * @throws StoreError | DriverError if the store cannot be used
   */
  start(): Promise<void>;
  /**
   * Registers a handler whose writes have their effect exactly once: what it writes with `tx`, into the database of the inbox, and the
   * inbox's own note that it has succeeded are committed together. If it throws, or its process dies, neither is, and the
   * delivery is retried. It runs in order of registration with the handlers of the receiver; the name must not change between
   * two deployments. With `sqliteStore` it must be synchronous, with `postgresStore` it may be async.
   *
   * @example
   * inbox.transaction('TODO_CREATED', { name: 'orders' }, (event, tx) => {
   *   tx.run('INSERT INTO orders (record, title) VALUES (?, ?)', event.currentValue.id, event.currentValue.title);
   * });
   * @throws TypeError for a store without transactions, a missing name, and whatever `receiver.on` refuses
   */
  transaction<N extends EventName>(
    names: N | readonly N[],
    options: TransactionOptions,
    handler: TransactionHandler<EventOf<N>, Tx>,
  ): this;
  /**
   * Stops: takes no more deliveries, waits `timeoutMs` milliseconds for running handlers, then aborts their signals and returns
   * their deliveries, and closes the store. Close the server first. `timeoutMs` defaults to 10,000.
   * @throws TypeError if `timeoutMs` is not 0 or a positive integer
   */
  stop(options?: { readonly timeoutMs?: number | undefined }): Promise<void>;
  /**
   * Stores a delivery that needs no verification, such as an event that `catchUp` of `@blue-webhooks/api` has read. One whose id
   * is known already is not stored again. Never pass what has arrived over the network. With `encrypt`, it is stored under a keyed digest of
   * its id unless its signature is `'verified'`.
   * @throws TypeError for an id that is not a string of 1 to 64 characters, and for other fields of the wrong kind
   * @throws WebhookError BODY_NOT_JSON, EVENT_MISSING
   * @throws StoreError | DriverError if the store cannot be used
   */
  accept(delivery: StoredDelivery): Promise<'stored' | 'duplicate'>;
  /** Returns how many deliveries are in each state, the age of the oldest that waits, and the keys of limits. */
  stats(): Promise<InboxStats>;
  /**
   * Returns stored deliveries without their bodies, newest first.
   * @throws TypeError for an invalid query
   */
  list(query?: ListQuery): Promise<InboxPage>;
  /**
   * Returns a delivery with its body.
   * @throws TypeError if the id is not a string
   */
  get(id: string): Promise<FullInboxDelivery | undefined>;
  /**
   * Runs deliveries again, by id or by filter, with their attempts counted from 1. Of a dead letter, or one that waits for a
   * retry, only the handlers run that have not succeeded; of a done delivery all. Returns how many will run.
   *
   * With `perSecond`, it selects the deliveries first, replays them in order of arrival at that pace, and resolves at the end. It
   * runs in this process, and ends when the inbox stops: call it again to continue. Those that have been replayed are then no longer
   * dead letters; with another filter, pass `finishedBefore`.
   * @throws TypeError for an invalid selection or option
   */
  replay(selection: string | readonly string[] | DeliveryFilter, options?: ReplayOptions): Promise<number>;
  /**
   * Makes an unfinished delivery a dead letter, such as one that holds up the others of its entity. Returns whether there was
   * one.
   * @throws TypeError if the id is not a string
   */
  markDead(id: string): Promise<boolean>;
  /**
   * Deletes done and skipped deliveries that were received before `olderThan`, and dead letters with `deadLetters: true`. Their
   * ids are remembered for `dedupeMs`. A started inbox does this once an hour, without dead letters. Returns how many were
   * deleted. `olderThan` defaults to `retentionMs` ago.
   * @throws TypeError if `olderThan` is not a valid date
   */
  prune(options?: {
    readonly olderThan?: Date | undefined;
    readonly deadLetters?: boolean | undefined;
  }): Promise<number>;
  /**
   * Deletes every stored delivery about an entity, of a webhook or with an id, in whatever state, from the files as well: see "Personal
   * data" in the documentation for each store. Ids are kept for `dedupeMs`, so that Blue's retries are not stored again. Running handlers
   * are aborted, and their results discarded.
   * @throws TypeError for invalid options, and without a condition
   * @throws StoreError NOT_ERASED if deleted bytes could not be overwritten: call it again
   */
  erase(options: EraseOptions): Promise<Erasure>;
  /**
   * Pauses all deliveries, or those of an event, of a webhook or of both, in every process on the store within `pollMs` and until
   * `resume`. Deliveries are still stored and answered 204; running handlers end. Replaces a pause of the same event and webhook.
   * @throws TypeError without a reason, and for other invalid options
   */
  pause(options: PauseOptions): Promise<void>;
  /**
   * Ends the pause of exactly that event and webhook, `resume()` the one of everything. Other pauses remain. Returns whether there
   * was one.
   * @throws TypeError for an invalid scope
   */
  resume(scope?: PauseScope): Promise<boolean>;
  /** Returns what is paused, the oldest pause first. */
  paused(): Promise<readonly Pause[]>;
  /**
   * Returns whether the store can be written and read, and how far behind the inbox is, for a health endpoint. Resolves within
   * `timeoutMs` (1,000 milliseconds by default), also while the store hangs, and rejects for an invalid option only.
   * @throws TypeError if `timeoutMs` is not a positive integer up to 60,000
   */
  health(options?: HealthOptions): Promise<InboxHealth>;
  /**
   * Stops the inbox once at SIGTERM or SIGINT, after `before`, and then lets the signal end the process unless it has other
   * listeners. A second signal shortens the wait for handlers. Returns a function that removes the listeners.
   * @throws TypeError for an invalid option
   */
  stopOnSignal(options?: StopOnSignalOptions): () => void;
}

const PRUNE_EVERY_MS = 3_600_000;
/** How long a stop waits for the store to close. */
const CLOSE_WITHIN_MS = 5_000;

/**
 * Creates an inbox, which stores deliveries durably and handles them afterwards with its own retries, so that a failing
 * handler cannot make Blue disable the webhook.
 *
 * @example
 * const inbox = createInbox({ receiver, store: sqliteStore('blue-inbox.db') });
 * app.post('/webhooks/blue', blueWebhook(inbox));
 * await inbox.start();
 * @throws TypeError for an invalid option
 */
export function createInbox<Tx>(options: InboxOptions<Tx>): Inbox<Tx> {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError("createInbox needs options: createInbox({ receiver, store: sqliteStore('blue-inbox.db') }).");
  }
  const receiver = requireReceiver(options.receiver);
  const { order = 'entity', skipStale = false } = options;
  if (order !== 'entity' && order !== 'none') throw new TypeError("order must be 'entity' or 'none'.");
  const work = workSettingsOf(options);
  const settings = {
    ...work,
    limits: limitsOf(options.limits, work.retry),
    skipStale: flag('skipStale', skipStale),
    pollMs: count('pollMs', options.pollMs ?? 1_000, 86_400_000),
  };
  const report = createReporter(options);
  const store = encryptedStore(checkedStore(requireStore(options.store)), settings.cipher, report);
  let worker: Worker | undefined;
  const warned = new Set<string>();

  /** Reports each warning of the store once. A store may have to be opened before it has any. */
  function warn(): void {
    for (const reason of store.warnings ?? []) {
      if (warned.has(reason)) continue;
      warned.add(reason);
      report({ type: 'warning', reason });
    }
  }

  const ordered = order === 'entity';
  const put: InboxStore['put'] = async (delivery) => {
    const result = await store.put(delivery);
    warn();
    if (result === 'stored') worker?.wake();
    return result;
  };
  const { tracing, byChange, cipher } = settings;
  const intake = { ordered, report, tracing, byChange, cipher };
  const handle = createHandle(receiver, { put, probe: () => store.probe() }, intake);

  const prune: Inbox['prune'] = async ({ olderThan, deadLetters = false } = {}) =>
    store.prune({
      before: requireDate('olderThan', olderThan) ?? new Date(Date.now() - settings.retentionMs),
      states: flag('deadLetters', deadLetters) ? ['done', 'skipped', 'dead'] : ['done', 'skipped'],
      forgetBefore: new Date(Date.now() - settings.dedupeMs),
    });
  const pruneQuietly = () => prune().catch((error: unknown) => report({ type: 'store-failed', error }));

  async function begin(signal: AbortSignal): Promise<Run | undefined> {
    await Promise.race([store.open(), aborted(signal)]);
    if (signal.aborted) return undefined;
    if (store.notDurable !== undefined) report({ type: 'not-durable', reason: store.notDurable });
    warn();
    const started = createWorker(store, receiver, settings, report);
    worker = started;
    started.start();
    const pruneTimer = inNeutralContext(() => unref(setInterval(pruneQuietly, PRUNE_EVERY_MS)));
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
    await within(CLOSE_WITHIN_MS, store.close(), late).catch((error: unknown) =>
      report({ type: 'store-failed', error }),
    );
  }

  const lifecycle = createLifecycle({ begin, release });
  const replays = createReplays({
    list: (query) => store.list(query),
    get: (id) => store.get(id),
    async replay(selection) {
      const replayed = await store.replay(selection);
      worker?.wake();
      return replayed;
    },
  });
  const stop = (timeoutMs: number) => {
    replays.stop();
    return lifecycle.stop(timeoutMs);
  };

  const inbox: Inbox<Tx> = {
    handle,
    fetch: async (request, ...context) => toResponse(await handle(toRawDelivery(request, ...context))),
    start: lifecycle.start,
    stop: async ({ timeoutMs } = {}) => stop(stopTimeoutOf(timeoutMs)),
    accept: createAccept(put, { ordered, report, cipher }),
    stats: () => store.stats(),
    list: async (query = {}) => store.list(requireQuery(query)),
    get: async (id) => store.get(requireId(id)),
    replay: async (selection, replayOptions) => replays.replay(replaySelectionOf(selection), replayOptions),
    async markDead(id) {
      const markedDead = await store.markDead(requireId(id));
      worker?.wake(); // the next of its lane is due
      return markedDead;
    },
    prune,
    erase: createErase(store, () => worker?.renew()),
    transaction(names, given, handler) {
      if (!store.transaction) {
        throw new TypeError(
          'This store has no transactions: use sqliteStore(path), or postgresStore with a Pool of pg, which can `connect`.',
        );
      }
      if (typeof handler !== 'function') throw new TypeError('The handler must be a function.');
      if (given?.name === undefined) throw new TypeError("A transaction handler needs a name: { name: 'orders' }.");
      receiver.on(names, given, inTransaction(given.name, handler));
      return inbox;
    },
    pause: async (pausing) => store.pause(newPause(pausing)),
    async resume(scope = {}) {
      const resumed = await store.resume(requireScope(scope));
      worker?.wake();
      return resumed;
    },
    paused: () => store.paused(),
    health: createHealth(store, () => worker !== undefined),
    stopOnSignal: createStopOnSignal(stop),
  };
  return inbox;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** @throws TypeError naming the first method that is missing */
function requireStore<Tx>(store: InboxStore<Tx>): InboxStore<Tx> {
  const methods = [
    'open',
    'put',
    'probe',
    'lease',
    'renew',
    'recordHandled',
    'settle',
    'updateLimits',
    'list',
    'get',
    'replay',
    'markDead',
    'prune',
    'erase',
    'stats',
    'pause',
    'resume',
    'paused',
    'close',
  ];
  const missing = methods.find(
    (name) => typeof (store as unknown as Record<string, unknown> | undefined)?.[name] !== 'function',
  );
  if (missing === undefined) return store;
  throw new TypeError(
    `store.${missing} must be a function: pass sqliteStore('blue-inbox.db'), or a store of your own.`,
  );
}
