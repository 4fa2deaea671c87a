/** A running inbox. */
export interface Run {
  /** Stops it. A second call, while the first waits, only shortens the wait. */
  stop(timeoutMs: number): Promise<void>;
}

export interface LifecycleSteps {
  /**
   * Starts a run, which owns all its timers. When the signal aborts, a stop was requested: then it ends soon, without a run.
   * @throws Error if it cannot be started
   */
  begin(signal: AbortSignal): Promise<Run | undefined>;
  /** Closes files and connections, at the end of every stop. */
  release(): Promise<void>;
}

/** Starts and stops, one at a time: each waits for the one before. */
export interface Lifecycle {
  /** Resolves once the run has begun, or a stop was requested meanwhile. Without effect while there is a run. */
  start(): Promise<void>;
  /** Resolves once the run has ended and everything is closed. */
  stop(timeoutMs: number): Promise<void>;
}

interface Phase {
  readonly controller: AbortController;
  readonly begun: Promise<Run | undefined>;
}

/** Serialises the starts and stops of an inbox. */
export function createLifecycle({ begin, release }: LifecycleSteps): Lifecycle {
  let current: Phase | undefined;
  let ending: Run | undefined;
  let before: Promise<unknown> = Promise.resolve();

  /** Runs a step after all earlier steps, whether they succeeded or not. */
  function next<T>(step: () => Promise<T>): Promise<T> {
    const result = before.then(step);
    before = result.catch(() => {});
    return result;
  }

  async function start(): Promise<void> {
    if (!current) {
      const controller = new AbortController();
      current = {
        controller,
        begun: next(async () => (controller.signal.aborted ? undefined : begin(controller.signal))),
      };
    }
    const mine = current;
    try {
      await mine.begun;
    } catch (error) {
      if (current === mine) current = undefined; // it can be started again
      if (!mine.controller.signal.aborted) throw error;
    }
  }

  async function stop(timeoutMs: number): Promise<void> {
    const stopping = current;
    current = undefined;
    stopping?.controller.abort();
    const hurried = stopping ? undefined : ending?.stop(timeoutMs);
    await next(async () => {
      const run = await stopping?.begun.catch(() => undefined);
      ending = run;
      try {
        await run?.stop(timeoutMs);
      } finally {
        if (ending === run) ending = undefined;
        await release();
      }
    });
    await hurried;
  }

  return { start, stop };
}
