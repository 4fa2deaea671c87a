/** The simulator's source of time: `systemClock`, or one of `createVirtualClock`. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, after this number of milliseconds. Returns a function that cancels it. */
  schedule(callback: () => void, delayMs: number): () => void;
  /** Marks the start of real work, such as a request, for which a virtual clock waits. Returns a function that marks its end. */
  hold(): () => void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** The system's time. */
export const systemClock: Clock = {
  now: Date.now,
  schedule(callback, delayMs) {
    let timer: ReturnType<typeof setTimeout>;
    // In stages, since a timer of more than 2^31 - 1 ms would fire immediately.
    const wait = (leftMs: number) => {
      timer = setTimeout(
        () => (leftMs > MAX_TIMER_MS ? wait(leftMs - MAX_TIMER_MS) : callback()),
        Math.min(leftMs, MAX_TIMER_MS),
      );
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
  hold: () => () => {},
};
