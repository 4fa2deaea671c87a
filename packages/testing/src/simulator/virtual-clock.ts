import type { Clock } from './clock';

/** A clock that advances when everything waits for it: a night of retries takes milliseconds. */
export interface VirtualClock extends Clock {
  /** Resolves after this number of virtual milliseconds: for slow handlers, or in tests that wait for a certain time. */
  sleep(ms: number): Promise<void>;
  /** Stops the clock while the test does real work, such as a restart of its server. Returns a function that resumes it. */
  pause(): () => void;
}

/** Where the clock starts, and how long it waits for real work. */
export interface VirtualClockOptions {
  /** Its start, in ISO 8601 or as a `Date`. Defaults to `2026-01-13T08:00:00.000Z`. */
  readonly startAt?: string | Date | undefined;
  /**
   * How many real milliseconds the clock stops for a running request. Defaults to 1,000. A receiver that
   * has not responded by then counts as hanging: time passes, up to the sender's timeout.
   */
  readonly patienceMs?: number | undefined;
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Waits for the next turn of the event loop, when promises that can settle have settled. */
const nextTurn: (callback: () => void) => unknown =
  typeof setImmediate === 'function' ? setImmediate : (callback) => setTimeout(callback, 0);

/**
 * Creates a clock for the simulator and its tests. It jumps from timer to timer, in order, one per turn of the event
 * loop, and stops while a request is running.
 *
 * @example
 * const clock = createVirtualClock();
 * const blue = createBlueSimulator({ url, secret, clock });
 * await blue.emit('TODO_MOVED'); // up to five attempts and their delays, in milliseconds
 * @throws TypeError if `startAt` is not a date or `patienceMs` is not a positive number
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

  /** While the clock is held, timers that are due now still run, but time does not advance. */
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

  /** Stops the clock. Returns a function that resumes it. */
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

/** Returns the index of a timer, so that the next one is last, and of equal ones the one that was set first. */
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
