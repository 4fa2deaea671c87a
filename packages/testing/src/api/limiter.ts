const WINDOW_MS = 60_000;

/** The result for a request: whether it may run, and the values of the headers for the tightest layer. */
export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** When the layer allows the next request, in milliseconds since 1970. */
  readonly resetAtMs: number;
}

/** Counts requests in any 60 seconds, for each key, user and organisation. */
export class Limiter {
  readonly #times = new Map<string, number[]>();

  /** Counts a request in all its layers, unless one of them is full. */
  take(layers: readonly (readonly [string, number])[], nowMs: number): Allowance {
    const states = layers.map(([name, limit]) => {
      const times = (this.#times.get(name) ?? []).filter((time) => time > nowMs - WINDOW_MS);
      this.#times.set(name, times);
      return { times, limit, remaining: limit - times.length };
    });
    const tightest = states.reduce((one, other) => (other.remaining < one.remaining ? other : one));
    const allowed = tightest.remaining > 0;
    const resetAtMs = (tightest.times[0] ?? nowMs) + WINDOW_MS;
    if (allowed) for (const { times } of states) times.push(nowMs);
    return {
      allowed,
      limit: tightest.limit,
      remaining: Math.max(0, tightest.remaining - (allowed ? 1 : 0)),
      resetAtMs,
    };
  }
}
