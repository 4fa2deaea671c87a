/** What the inbox needs of a runtime: Node, Bun or Deno. */
export { AsyncResource } from 'node:async_hooks';
export { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
export { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

export type Timer = NodeJS.Timeout;

/** Lets the process end although the timer runs. */
export const unref = (timer: Timer): Timer => timer.unref();
