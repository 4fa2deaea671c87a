import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/random';
import { Pool } from '../../src/scenario/pool';

test('a pool contains the same as a set, whatever is added and removed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(9)), { maxLength: 60 }), fc.integer(), (moves, seed) => {
      const pool = new Pool<number>(seededRandom(seed));
      const set = new Set<number>();
      for (const [isIn, member] of moves) {
        if (!isIn) pool.delete(member);
        else if (!set.has(member)) pool.add(member);
        if (isIn) set.add(member);
        else set.delete(member);
        expect([...pool].sort()).toEqual([...set].sort());
        expect(pool.size).toBe(set.size);
        const picked = pool.pick();
        expect(set.size === 0 ? picked === undefined : set.has(picked as number)).toBe(true);
      }
    }),
  );
});
