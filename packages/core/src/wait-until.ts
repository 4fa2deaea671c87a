/** Keeps the platform from stopping the process until a promise settles, as `ctx.waitUntil` of a Worker does. */
export type WaitUntil = (work: Promise<unknown>) => unknown;

/** How long the platform keeps the process. */
export interface WaitUntilOption {
  /**
   * Called with each promise that a hook returns, and with the work of handlers, so that the platform does not stop the
   * process before it settles: `(work) => ctx.waitUntil(work)`. Defaults to the `waitUntil` of the request's context, which
   * Hono's adapter passes and `receiver.fetch(request, ctx)` takes.
   */
  readonly waitUntil?: WaitUntil | undefined;
}

/** Returns the `waitUntil` of a platform's context, called on its context: a Worker's throws without its `this`. */
export function waitUntilOf(context: object | undefined): WaitUntil | undefined {
  const owner = context as { waitUntil?: WaitUntil } | undefined;
  return typeof owner?.waitUntil === 'function' ? (work) => owner.waitUntil?.(work) : undefined;
}

/** Passes work to the platform. Neither its rejection nor a platform that refuses it has an effect. */
export function keepAlive(waitUntil: WaitUntil | undefined, work: unknown): void {
  const settled = Promise.resolve(work).catch(() => {});
  try {
    waitUntil?.(settled);
  } catch {
    // The request's context has ended, as after a Worker's time limit.
  }
}
