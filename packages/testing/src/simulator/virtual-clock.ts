import type { Clock } from './clock';

/** A clock whose time passes as soon as everyone waits for it: a night of retries takes milliseconds. */
export interface VirtualClock extends Clock {
  /** Resolves after so many virtual milliseconds: in a handler that is slow, or in a test that waits for its moment. */
  sleep(ms: number): Promise<void>;
  /** Stops the clock while the test does real work, such as a restart of its server; returns what lets it go on. */
  pause(): () => void;
}

/** Where the clock starts, and how long it waits for real work. */
export interface VirtualClockOptions {
  /** Its first moment, in ISO 8601 or as a `Date`; `2026-01-13T08:00:00.000Z` unless told. */
  readonly startAt?: string | Date | undefined;
  /**
   * How many real milliseconds the clock stands still for a request that is under way. Defaults to 1,000. A receiver that
   * has not answered by then counts as hanging: time passes, up to the sender's timeout.
   */
  readonly patienceMs?: number | undefined;
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** The next turn of the event loop, when promises that can settle have settled. */
const nextTurn: (callback: () => void) => unknown =
  typeof setImmediate === 'function' ? setImmediate : (callback) => setTimeout(callback, 0);

/**
 * Makes a clock for the simulator and the tests around it. It jumps from timer to timer, in order, one a turn of the event
 * loop, and stands still while a request is under way.
 *
 * @example
 * const clock = createVirtualClock();
 * const blue = createBlueSimulator({ url, secret, clock });
 * await blue.emit('TODO_MOVED'); // five attempts and their pauses, if need be, in no time
 * @throws TypeError if `startAt` is no date or `patienceMs` no positive number
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const { startAt = '2026-01-13T08:00:00.000Z', patienceMs = 1_000 } = options;
  let nowMs = new Date(startAt).getTime();
  if (Number.isNaN(nowMs)) throw new TypeError('startAt must be a date, such as 2026-01-13T08:00:00.000Z.');
  if (!(patienceMs > 0)) throw new TypeError('patienceMs must be a positive number of milliseconds.');
  const timers: Timer[] = []; // by time, the next one last
  const holds = new Set<object>();
  const pauses = new Set<object>();
  let turning = false;

  /** While somebody holds the clock, what is due at this moment is still due, but no later moment comes. */
  const canTurn = () => {
    const next = timers.at(-1);
    return next !== undefined && pauses.size === 0 && (holds.size === 0 || next.atMs === nowMs);
  };

  function wake(): void {
    if (turning || !canTurn()) return;
    turning = true;
    nextTurn(() => {
      turning = false;
      if (!canTurn()) return;
      const { atMs, callback } = timers.pop() as Timer;
      nowMs = atMs;
      callback();
      wake();
    });
  }

  /** Stops the clock in one of its ways; returns what lets it go on. */
  function stop(stops: Set<object>): () => void {
    const mine = {};
    stops.add(mine);
    return () => {
      stops.delete(mine);
      wake();
    };
  }

  function schedule(callback: () => void, delayMs: number): () => void {
    const timer = { atMs: nowMs + delayMs, callback };
    timers.splice(placeOf(timer.atMs, timers), 0, timer);
    wake();
    return () => {
      const place = timers.indexOf(timer);
      if (place >= 0) timers.splice(place, 1);
    };
  }

  return {
    now: () => nowMs,
    schedule,
    pause: () => stop(pauses),
    hold() {
      const release = stop(holds);
      const timer = setTimeout(release, patienceMs);
      return () => {
        clearTimeout(timer);
        release();
      };
    },
    sleep: (ms) => new Promise((resolve) => schedule(resolve, ms)),
  };
}

/** Where a timer belongs so that the next one is last, and of equals the one that was set first. */
function placeOf(atMs: number, timers: readonly Timer[]): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timers[middle] as Timer).atMs > atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
