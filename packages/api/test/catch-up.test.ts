import { describe, expect, test } from 'vitest';
import { afterAnHourOff } from './mirror';
import { busiestMinute } from './world';

const generations = ['A', 'B', 'C'] as const;
const faults = { tooManyRequests: 0.1, rateLimited: 0.05, serverError: 0.05, lostAnswer: 0.05 };
const seeds = Array.from({ length: Number(process.env.CATCH_UP_SEEDS ?? 20) }, (_, place) => place + 1);

describe('catchUp after an hour in which the webhook was off', () => {
  test.each(seeds)(
    'brings a mirror to the state of the server, and repairs nothing the second time (seed %s)',
    async (seed) => {
      const generation = generations[seed % 3] as 'A';
      const touched = seed % 2 === 0;
      const touches = { comments: touched, checklists: touched, tags: true, assignees: true, customFields: true };
      const { blue, mirror, run, server } = await afterAnHourOff(seed, {
        generation,
        touches,
        faults,
        unstableOrder: seed % 4 === 0,
      });
      const report = await run();
      expect(report).toMatchObject({ incomplete: [], unreachable: [], failed: 0, deletedUnresolved: 0, generation });
      expect(mirror.rows).toEqual(server());
      expect(await run()).toMatchObject({ repaired: 0, deleted: 0, incomplete: [] });
      expect(busiestMinute(blue.api.requests)).toBeLessThanOrEqual(20);
    },
  );
});
