import { kindOf, requireFunctions } from '@blue-webhooks/core/adapter';
import { stopTimeoutOf } from './settings';

/** Options of `inbox.stopOnSignal`. */
export interface StopOnSignalOptions {
  /** Called first, and awaited, such as to close the server. What it throws is ignored. Defaults to nothing. */
  readonly before?: (() => unknown) | undefined;
  /** How long the stop waits for running handlers, in milliseconds. Defaults to 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** Stops an inbox when the process is asked to end. Returns a function that removes the listeners. */
export type StopOnSignal = (options?: StopOnSignalOptions) => () => void;

const signals = ['SIGTERM', 'SIGINT'] as const;

/** Creates the function that adds the listeners. */
export function createStopOnSignal(stop: (timeoutMs: number) => Promise<void>): StopOnSignal {
  return (options = {}) => {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`stopOnSignal takes options such as { timeoutMs: 5_000 }, got ${kindOf(options)}.`);
    }
    const { before } = options;
    requireFunctions({ before });
    const timeoutMs = stopTimeoutOf(options.timeoutMs);
    let stopping = false;

    const remove = () => {
      for (const signal of signals) process.off(signal, onSignal);
    };

    async function onSignal(signal: NodeJS.Signals): Promise<void> {
      if (stopping) return void stop(0).catch(() => {}); // a second signal shortens the wait
      stopping = true;
      try {
        await before?.();
      } catch {
        // The deliveries must be returned all the same.
      }
      await stop(timeoutMs).catch(() => {});
      remove();
      // Without a listener, the signal ends the process, and its parent sees why. Other listeners decide for themselves.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    }

    for (const signal of signals) process.on(signal, onSignal);
    return remove;
  };
}
