import type { Connection } from '../sqlite/connection';
import { hasActive, nextDue, nextPrune } from '../sqlite/due';
import type { DurableObjectStorage } from './state';

/** How long a delivery stays with a worker that no longer renews it, and how long what is stored is kept. */
export interface ClockSettings {
  readonly leaseMs: number;
  readonly retentionMs: number;
  readonly dedupeMs: number;
}

/** For when the alarm of an object is set, as far as this process has set it. An object has one alarm, for all its inboxes. */
const alarms = new WeakMap<DurableObjectStorage, number>();

/** How much later than its time an alarm may be before it is set again. */
const LATE_MS = 5_000;
/** When an inbox that can handle nothing now looks again. */
const LATER_MS = 60_000;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * Sets the alarm of an object to the time at which the next delivery is due. It is set in the transaction that stores the
 * delivery, so that no eviction comes between the two.
 */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  readonly #settings: ClockSettings;
  #isWorking = false;

  constructor(storage: DurableObjectStorage, settings: ClockSettings) {
    this.#storage = storage;
    this.#settings = settings;
  }

  /** After a write: sets the alarm, unless an earlier one is set. While deliveries are handled, their worker needs none. */
  onWrite(connection: Connection): Promise<void> | undefined {
    if (this.#isWorking) return undefined;
    const due = this.#nextDue(connection);
    if (due === undefined) return undefined;
    const now = Date.now();
    const at = Math.max(due, now);
    const set = alarms.get(this.#storage);
    return set !== undefined && set <= at && set > now - LATE_MS ? undefined : this.#set(at);
  }

  /** Before deliveries are handled: sets the alarm for the case that the object is evicted meanwhile. */
  async begin(): Promise<void> {
    this.#isWorking = true;
    await this.keep();
  }

  /** While deliveries are handled: sets the alarm further ahead when half of its time has passed. */
  async keep(): Promise<void> {
    const { leaseMs } = this.#settings;
    const now = Date.now();
    const inMs = (alarms.get(this.#storage) ?? 0) - now;
    if (inMs < leaseMs / 2 || inMs > leaseMs) await this.#set(now + leaseMs);
  }

  /** After deliveries were handled: sets the alarm for the next one, or for what is to be deleted then. */
  async end(connection: Connection, isStopped: boolean): Promise<void> {
    this.#isWorking = false;
    const { retentionMs, dedupeMs } = this.#settings;
    const now = Date.now();
    const due = this.#nextDue(connection);
    const prune = nextPrune(connection, retentionMs, dedupeMs);
    if (due !== undefined) await this.#set(Math.max(due, isStopped ? now + LATER_MS : now));
    else if (prune !== undefined) await this.#set(Math.max(prune, now + PRUNE_EVERY_MS));
    else {
      alarms.delete(this.#storage);
      await this.#storage.deleteAlarm();
    }
  }

  /** After a failure: sets the alarm for another try. */
  async later(): Promise<void> {
    this.#isWorking = false;
    await this.#set(Date.now() + LATER_MS);
  }

  /** What is active while this inbox handles nothing has lost its holder: it is due once that was silent for `leaseMs`. */
  #nextDue(connection: Connection): number | undefined {
    const due = nextDue(connection);
    if (!hasActive(connection)) return due;
    return Math.min(due ?? Number.POSITIVE_INFINITY, Date.now() + this.#settings.leaseMs / 3);
  }

  #set(at: number): Promise<void> {
    alarms.set(this.#storage, at);
    return this.#storage.setAlarm(at);
  }
}
