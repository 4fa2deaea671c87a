import { isThenable } from './proceed';

/**
 * Keeps the platform from stopping the process until a promise settles: `ctx.waitUntil` of Workers, `waitUntil` of
 * `cloudflare:workers` or `@vercel/functions`.
 */
export type WaitUntil = (work: Promise<unknown>) => unknown;

/** How long the platform keeps the process. */
export interface WaitUntilOption {
  /**
   * Called with each promise that a hook returns, and with the work of handlers, so that the platform does not stop the
   * process before it settles: `(work) => ctx.waitUntil(work)`. Defaults to the `waitUntil` of the request's context, which
   * Hono's adapter passes and `receiver.fetch(request, env, ctx)` takes.
   */
  readonly waitUntil?: WaitUntil | undefined;
}

/** Returns the `waitUntil` of the first of these contexts that has one, called on its context: a Worker's throws without its `this`. */
export function waitUntilOf(contexts: readonly unknown[]): WaitUntil | undefined {
  const owner = contexts.find(hasWaitUntil);
  return owner && ((work) => owner.waitUntil(work));
}

function hasWaitUntil(context: unknown): context is { waitUntil: WaitUntil } {
  try {
    return typeof (context as { waitUntil?: unknown } | null | undefined)?.waitUntil === 'function';
  } catch {
    return false; // a getter that throws outside a request
  }
}

/**
 * Passes work to the platform; without one, only marks its rejection as handled. Neither that rejection nor a platform that
 * refuses the work has an effect.
 */
export function keepAlive(waitUntil: WaitUntil | undefined, work: unknown): void {
  try {
    if (!isThenable(work)) return;
    // The constructor, because `Promise.resolve` returns a subclass, with its own `then`, as it is.
    const settled = new Promise((resolve) => resolve(work)).then(
      () => {},
      (reason) => keepAlive(undefined, reason), // a rejected promise as the reason would count as unhandled
    );
    keepAlive(undefined, waitUntil?.(settled));
  } catch (thrown) {
    // A hostile `then`, or a context that has ended, as after a Worker's time limit.
    keepAlive(undefined, thrown);
  }
}
