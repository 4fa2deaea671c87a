import { count, kindOf } from '@blue-webhooks/core/adapter';
import { createInbox, type Inbox, type InboxOptions } from '../inbox';
import { createReporter } from '../inbox-event';
import { createReplays } from '../paced-replay';
import { replaySelectionOf } from '../queries';
import { stopTimeoutOf, workSettingsOf } from '../settings';
import type { SqliteTransaction } from '../sqlite/transaction';
import type { InboxStore, Lease, LimitChange } from '../store';
import { within } from '../within';
import { AlarmClock } from './alarm-clock';
import { type DurableObjectState, requireState } from './state';
import { openingStore } from './store';

/** Options of an inbox in a Durable Object. */
export interface DurableObjectInboxOptions extends Omit<InboxOptions<SqliteTransaction>, 'store'> {
  /** The state of the object: the first argument of its constructor, or `this.ctx`. */
  readonly state: DurableObjectState;
  /**
   * How long an attempt may take, in milliseconds. Then its `delivery.signal` aborts and the attempt has failed, even if the
   * handler continues. At most 13 minutes, because an alarm may take 15. Defaults to 5 minutes.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How often an alarm that is still handling deliveries looks for those that are due meanwhile, in milliseconds. An object without
   * any has no timer. Defaults to 1,000.
   */
  readonly pollMs?: number | undefined;
}

/** An inbox in a Durable Object, which handles deliveries in the object's alarm. */
export interface DurableObjectInbox extends Inbox<SqliteTransaction> {
  /**
   * Handles what is due, and sets the object's alarm for what is due next. Call it in the object's `alarm`. Needs no `this`. Without
   * `start`: an inbox that was not stopped handles deliveries.
   */
  alarm(): Promise<void>;
  /**
   * Makes a stopped inbox handle deliveries again.
   * @throws StoreError | DriverError if the store cannot be used
   */
  start(): Promise<void>;
  /**
   * Stops as every inbox does, until `start`, or until the object is evicted, which Cloudflare does at any time: use `pause` to stop for longer.
   * @throws TypeError if `timeoutMs` is not 0 or a positive integer
   */
  stop(options?: { readonly timeoutMs?: number | undefined }): Promise<void>;
  /** Throws a `TypeError`: an object receives no signals, and needs none. */
  stopOnSignal(): never;
}

const MINUTE_MS = 60_000;
/** An alarm may take 15 minutes: https://developers.cloudflare.com/durable-objects/platform/limits/ */
const ALARM_MS = 14 * MINUTE_MS;
/** How long handlers that have timed out may take until they are settled. */
const SETTLE_MS = 1_000;

/**
 * Creates an inbox in a Durable Object: it stores deliveries in the object's SQLite, answers, and handles them in the object's alarm.
 *
 * @example
 * export class BlueInbox extends DurableObject<Env> {
 *   inbox = durableObjectInbox({ receiver, state: this.ctx });
 *   fetch(request: Request) {
 *     return this.inbox.fetch(request);
 *   }
 *   alarm() {
 *     return this.inbox.alarm();
 *   }
 * }
 * @throws TypeError for an invalid option
 */
export function durableObjectInbox(options: DurableObjectInboxOptions): DurableObjectInbox {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `durableObjectInbox needs options: durableObjectInbox({ receiver, state: this.ctx }), got ${kindOf(options)}.`,
    );
  }
  const { storage } = requireState(options.state);
  const settings = workSettingsOf(options);
  const timeoutMs = count('timeoutMs', settings.timeoutMs, ALARM_MS - MINUTE_MS);
  const report = createReporter(options);
  const clock = new AlarmClock(storage, settings);
  const { store, connection } = openingStore(storage, (opened) => clock.onWrite(opened));
  const held = new Set<Lease>();
  let isStopped = false;
  let endRun = () => {};
  let running: Promise<void> | undefined;
  const inbox = createInbox({
    ...options,
    store: watched(store, held, { onLook: () => clock.keep(), onIdle: () => endRun() }),
  });

  /** Handles deliveries until none is due and none runs, or until the alarm has to end. */
  async function work(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      endRun = resolve;
    });
    held.clear();
    await clock.begin();
    if (isStopped) return;
    await inbox.start();
    await within(ALARM_MS - timeoutMs, ended, () => undefined).catch(() => {});
    await inbox.stop({ timeoutMs: timeoutMs + SETTLE_MS });
  }

  async function run(): Promise<void> {
    try {
      if (!isStopped) await work();
      await clock.end(connection(), isStopped);
    } catch (error) {
      report({ type: 'store-failed', error });
      await clock.later();
    }
  }

  /** Of their own: the inbox stops at the end of every alarm, and a paced replay continues. */
  const replays = createReplays({
    list: inbox.list,
    get: inbox.get,
    replay: (selection) => inbox.replay('ids' in selection ? selection.ids : selection.filter),
  });

  const { handle, fetch, accept, stats, list, get, markDead, prune, erase, pause, resume, paused } = inbox;
  const outer: DurableObjectInbox = {
    ...{ handle, fetch, accept, stats, list, get, markDead, prune, erase, pause, resume, paused },
    replay: async (selection, replayOptions) => replays.replay(replaySelectionOf(selection), replayOptions),
    alarm() {
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
    async start() {
      isStopped = false;
      await store.open();
      await clock.onWrite(connection());
    },
    async stop(given = {}) {
      const stopMs = stopTimeoutOf(given.timeoutMs);
      isStopped = true;
      replays.stop();
      endRun();
      await inbox.stop({ timeoutMs: stopMs });
    },
    transaction(names, given, handler) {
      inbox.transaction(names, given, handler);
      return outer;
    },
    health: async (given) => ({ ...(await inbox.health(given)), started: !isStopped }),
    stopOnSignal() {
      throw new TypeError(
        'A Durable Object receives no signals, and the inbox in it needs none: after an eviction the next alarm continues.',
      );
    },
  };
  return outer;
}

interface Watch {
  /** Called whenever the worker looks for deliveries or renews its leases, and awaited. */
  readonly onLook: () => Promise<void>;
  /** Called when nothing is due and nothing runs. */
  readonly onIdle: () => void;
}

/** A store that reports what its worker does, and keeps the leases that it holds in `held`. */
function watched<Tx>(store: InboxStore<Tx>, held: Set<Lease>, { onLook, onIdle }: Watch): InboxStore<Tx> {
  return {
    ...store,
    async lease(request) {
      await onLook();
      const leases = await store.lease(request);
      for (const lease of leases) held.add(lease);
      if (held.size === 0) onIdle();
      return leases;
    },
    async renew(leases) {
      await onLook();
      const lost = await store.renew(leases);
      for (const lease of lost) held.delete(lease);
      return lost;
    },
    async updateLimits({ keys, change }) {
      let waiting: LimitChange['waiting'] = [];
      await store.updateLimits({
        keys,
        change(stored) {
          const changed = change(stored);
          waiting = changed.waiting;
          return changed;
        },
      });
      for (const { lease } of waiting) held.delete(lease);
    },
    async settle(lease, settlement) {
      const settled = await store.settle(lease, settlement);
      held.delete(lease);
      return settled;
    },
  };
}
