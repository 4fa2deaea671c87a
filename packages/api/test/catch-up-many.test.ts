import { describe, expect, test } from 'vitest';
import { lived } from './lived';

const all = [
  ['C', true],
  ['A', false],
  ['B', false],
  ['C', false],
] as const;
/** All of them in the long check. */
const cases = process.env.CATCH_UP_SEEDS === undefined ? all.slice(0, 2) : all;

describe('catchUp of many records', () => {
  test.each(cases)(
    'loses none of 510 records of one updatedAt (generation %s, unstable order: %s)',
    async (generation, unstableOrder) => {
      const { blue, run, handed, later } = await lived({ generation, unstableOrder });
      const base = blue.api.rows('record')[0] as { id: string };
      const now = later();
      blue.disable();
      for (let count = 0; count < 510; count++) {
        const row = {
          ...base,
          id: `cbulk${String(count).padStart(4, '0')}`,
          title: `Record ${count}`,
          createdAt: now,
          updatedAt: now,
        };
        await blue.emit({ event: 'TODO_CREATED', currentValue: row } as { event: string });
      }
      const report = await run({ mode: 'changed' });
      expect(report).toMatchObject({ repaired: 510, incomplete: [] });
      expect(new Set(handed.map(({ id }) => id)).size).toBe(510);
    },
  );

  test('loses no record that moves to the end while it reads', async () => {
    const { blue, clock, run, handed, later } = await lived();
    const base = blue.api.rows('record')[0] as { id: string };
    blue.disable();
    for (let count = 0; count < 600; count++) {
      const at = new Date(clock.now() + Math.floor(count / 3)).toISOString();
      const row = {
        ...base,
        id: `cbulk${String(count).padStart(4, '0')}`,
        title: `Record ${count}`,
        createdAt: at,
        updatedAt: at,
      };
      await blue.emit({ event: 'TODO_CREATED', currentValue: row } as { event: string });
    }
    blue.api.onRequest = ({ fields }) => {
      if (fields[0] !== 'recordQueries') return;
      for (let count = 0; count < 100; count++) {
        blue.api.patch('record', `cbulk${String(count * 2).padStart(4, '0')}`, { updatedAt: later() });
      }
    };
    await clock.sleep(60_000);
    const report = await run({ mode: 'changed' });
    expect(report.incomplete).toEqual([]);
    const created = handed.filter(({ rawBody }) => rawBody.startsWith('{"event":"TODO_CREATED"'));
    expect(
      new Set(created.map(({ rawBody }) => (JSON.parse(rawBody) as { currentValue: { id: string } }).currentValue.id))
        .size,
    ).toBe(600);
  });
});
