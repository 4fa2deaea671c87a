/** Where the simulator's time comes from: `systemClock`, or one of `createVirtualClock`. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, after so many milliseconds; returns what calls it off. */
  schedule(callback: () => void, delayMs: number): () => void;
  /** Says that real work has begun, such as a request, for which a virtual clock waits; returns what says that it is done. */
  hold(): () => void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Time as it passes. */
export const systemClock: Clock = {
  now: Date.now,
  schedule(callback, delayMs) {
    let timer: ReturnType<typeof setTimeout>;
    // In stages, since a timer of more than 2^31 - 1 ms would fire at once.
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
