/** The source of time; `createVirtualClock()` of `@blue-webhooks/testing` is one. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that have passed since some moment, which nobody can set back or forward. Defaults to `now`. */
  elapsedMs?(): number;
  /** Calls back once, after this number of milliseconds. Returns a function that cancels it. */
  schedule(callback: () => void, delayMs: number): () => void;
  /** Keeps a virtual clock from advancing while a request is in flight. Returns a function that releases it. */
  hold?(): () => void;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/** The system's time. Reads the global timers at each call, so that fake timers work. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** What durations are measured by: the wall clock can jump. */
export const elapsedMs = (clock: Clock): number => clock.elapsedMs?.() ?? clock.now();

/** Resolves after this number of milliseconds. @throws the signal's reason if it aborts */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.schedule(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Waits for other work, with a timeout. @throws Error if it is not done in time */
export function within<T>(clock: Clock, ms: number, work: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(() => reject(new Error(`${what} did not end within ${ms} ms.`)), ms);
    work.then(resolve, reject).finally(cancel);
  });
}
