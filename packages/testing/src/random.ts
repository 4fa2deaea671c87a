/** Numbers from 0 up to but not 1, as `Math.random` gives them. */
export type Random = () => number;

/**
 * A random source that gives the same numbers for the same seed on every runtime (mulberry32), for tests that can be
 * repeated. Not for anything secret.
 * @throws TypeError if the seed is no whole number
 */
export function seededRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new TypeError(`seed must be a whole number, but it is ${String(seed)}.`);
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
