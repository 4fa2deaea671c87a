import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../src/simulator/backoff';

test('a fixed delay is constant, an exponential one doubles', () => {
  const pauses = (type: 'fixed' | 'exponential') =>
    [1, 2, 3, 4].map((attempts) => backoffMs({ type, delayMs: 1_500, jitter: 0 }, attempts, Math.random));
  expect(pauses('fixed')).toEqual([1_500, 1_500, 1_500, 1_500]);
  expect(pauses('exponential')).toEqual([1_500, 3_000, 6_000, 12_000]);
});

// The formula of BullMQ 5, repeated here: see builtinStrategies in its src/classes/backoffs.ts.
test('jitter makes the stated share of the delay random, as in BullMQ', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const luck = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      fc.constantFrom('fixed' as const, 'exponential' as const),
      fc.nat(600_000),
      share,
      fc.integer({ min: 1, max: 4 }),
      luck,
      (type, delayMs, jitter, attempts, random) => {
        const longest = type === 'fixed' ? delayMs : Math.round(2 ** (attempts - 1) * delayMs);
        const expected = jitter > 0 ? Math.floor(random * longest * jitter + longest * (1 - jitter)) : longest;
        const pause = backoffMs({ type, delayMs, jitter }, attempts, () => random);
        expect(pause).toBe(expected);
        expect(pause).toBeLessThanOrEqual(longest);
        expect(pause).toBeGreaterThanOrEqual(Math.floor(longest * (1 - jitter)));
      },
    ),
  );
});
