/** Returns numbers from 0 up to but not including 1, like `Math.random`. */
export type Random = () => number;

/**
 * Returns a random source that produces the same numbers for the same seed on every runtime (mulberry32), for repeatable
 * tests. Not cryptographically secure.
 * @throws TypeError if the seed is not an integer
 */
export function seededRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new TypeError(`seed must be an integer, got ${String(seed)}.`);
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
