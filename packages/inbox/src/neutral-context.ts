import { AsyncResource } from '#runtime';

/** The context in which this module was loaded: before the first request, unless a request loads it. */
const inContextOfLoading: <T>(work: () => T) => T = AsyncResource.bind(<T>(work: () => T) => work());

/**
 * Runs a function in an async context of its own that contains nothing of a request. Work of an inbox is begun by whatever request
 * stores a delivery, and must not see that request's `AsyncLocalStorage`: its id, its trace, its tenant.
 */
export function inNeutralContext<T>(work: () => T): T {
  return inContextOfLoading(() => {
    const context = new AsyncResource('BlueWebhooksInbox');
    // Node keeps the stores in symbols of the resource, beside its ids. Other runtimes keep them elsewhere.
    for (const key of Object.getOwnPropertySymbols(context)) {
      if (!key.description?.endsWith('async_id_symbol')) Reflect.deleteProperty(context, key);
    }
    return context.runInAsyncScope(work);
  });
}
