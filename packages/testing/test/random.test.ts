import { seededRandom } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';

test('a seed returns the same numbers each time, evenly distributed from 0 up to but not including 1', () => {
  const draw = (seed: number) => Array.from({ length: 10_000 }, seededRandom(seed));
  const numbers = draw(7);
  expect(draw(7)).toEqual(numbers);
  expect(draw(8)).not.toEqual(numbers);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
    expect(share).toBeGreaterThan(850);
    expect(share).toBeLessThan(1_150);
  }
});

test('the numbers are those of mulberry32, on every runtime', () => {
  const random = seededRandom(1);
  expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
});

test('a seed that is not an integer is refused', () => {
  for (const seed of [0.5, Number.NaN, '1' as unknown as number]) expect(() => seededRandom(seed)).toThrow(TypeError);
});
