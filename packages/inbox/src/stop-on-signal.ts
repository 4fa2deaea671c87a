import { kindOf, requireFunctions } from '@blue-webhooks/core/adapter';
import { stopTimeoutOf } from './settings';
import { within } from './within';

/** Options of `inbox.stopOnSignal`. */
export interface StopOnSignalOptions {
  /**
   * Called first, such as to close the server, and awaited for up to 10 seconds or until a second signal. What it throws is
   * ignored. Defaults to nothing.
   */
  readonly before?: (() => unknown) | undefined;
  /** How long the stop waits for running handlers, in milliseconds. Defaults to 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** Stops an inbox when the process is asked to end. Returns a function that removes the listeners. */
export type StopOnSignal = (options?: StopOnSignalOptions) => () => void;

const signals = ['SIGTERM', 'SIGINT'] as const;
/** A server that waits for its clients must not keep the deliveries from being returned. */
const BEFORE_WITHIN_MS = 10_000;

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
    let hurry = () => {};

    const remove = () => {
      for (const signal of signals) process.off(signal, onSignal);
    };

    async function onSignal(signal: NodeJS.Signals): Promise<void> {
      if (stopping) {
        hurry(); // a second signal shortens the wait
        return void stop(0).catch(() => {});
      }
      stopping = true;
      const hurried = new Promise<void>((resolve) => {
        hurry = resolve;
      });
      const closing = (async () => before?.())();
      // The deliveries must be returned whatever becomes of it.
      await within(BEFORE_WITHIN_MS, Promise.race([closing, hurried]), () => undefined).catch(() => {});
      await stop(timeoutMs).catch(() => {});
      remove();
      // Without a listener, the signal ends the process, and its parent sees why. Other listeners decide for themselves.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    }

    for (const signal of signals) process.on(signal, onSignal);
    return remove;
  };
}
