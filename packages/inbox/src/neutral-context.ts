import { AsyncResource } from '#runtime';

/**
 * Runs a function in the async context in which this module was loaded. Work of an inbox is begun by whatever request stores
 * a delivery, and must not see that request's `AsyncLocalStorage`: its id, its trace, its tenant.
 */
export const inNeutralContext: <T>(work: () => T) => T = AsyncResource.bind(<T>(work: () => T) => work());
