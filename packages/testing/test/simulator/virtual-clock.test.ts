import { createVirtualClock } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';

const startMs = Date.parse('2026-01-13T08:00:00.000Z');

test('time jumps from timer to timer, in order, and equal timers fire in the order in which they were set', async () => {
  const clock = createVirtualClock();
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.now() - startMs]);
  clock.schedule(note('late'), 8 * 3_600_000);
  clock.schedule(note('first'), 1_000);
  clock.schedule(note('second'), 1_000);
  const callOff = clock.schedule(note('never'), 1_500);
  clock.schedule(note('immediate'), 0);
  callOff();
  await clock.sleep(9 * 3_600_000);
  expect(fired).toEqual([
    ['immediate', 0],
    ['first', 1_000],
    ['second', 1_000],
    ['late', 28_800_000],
  ]);
  expect(clock.now() - startMs).toBe(32_400_000);
});

test('the effects of a timer are complete before time advances', async () => {
  const clock = createVirtualClock();
  const fired: string[] = [];
  const work = async () => {
    await clock.sleep(10);
    for (let i = 0; i < 50; i++) await Promise.resolve();
    fired.push(`work at ${clock.now() - startMs}`);
    await clock.sleep(5);
    fired.push(`more at ${clock.now() - startMs}`);
  };
  clock.schedule(() => fired.push('timer'), 12);
  await work();
  expect(fired).toEqual(['work at 10', 'timer', 'more at 15']);
});

test('time stops while it is paused, also by several callers at the same time', async () => {
  const clock = createVirtualClock();
  let fired = false;
  clock.schedule(() => {
    fired = true;
  }, 1);
  const resume = [clock.pause(), clock.pause()];
  const turns = async () => {
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
  };
  await turns();
  resume[0]?.();
  resume[0]?.();
  await turns();
  expect([fired, clock.now()]).toEqual([false, startMs]);
  resume[1]?.();
  await turns();
  expect([fired, clock.now()]).toEqual([true, startMs + 1]);
});

test('timers that are due now run while one of them holds the clock, later timers do not', async () => {
  const clock = createVirtualClock({ patienceMs: 60_000 });
  const fired: string[] = [];
  const both = new Promise<void>((resolve) => {
    clock.schedule(() => {
      const release = clock.hold();
      fired.push('first');
      clock.schedule(() => {
        fired.push('third');
        release();
        resolve();
      }, 0);
    }, 10);
    clock.schedule(() => fired.push('second'), 10);
    clock.schedule(() => fired.push('later'), 11);
  });
  await both;
  expect([fired, clock.now() - startMs]).toEqual([['first', 'second', 'third'], 10]);
  await clock.sleep(1);
  expect(fired.at(-1)).toBe('later');
});

test('the clock waits for a hold up to patienceMs', async () => {
  const clock = createVirtualClock({ patienceMs: 30 });
  const startedAt = performance.now();
  clock.hold();
  await clock.sleep(3_600_000);
  expect(performance.now() - startedAt).toBeGreaterThan(25);
  expect(clock.now() - startMs).toBe(3_600_000);
});

test('it starts at startAt', () => {
  expect(createVirtualClock({ startAt: '2030-05-01T00:00:00Z' }).now()).toBe(Date.UTC(2030, 4, 1));
  expect(createVirtualClock({ startAt: new Date(5) }).now()).toBe(5);
});

test('an invalid date and an invalid patience are refused', () => {
  expect(() => createVirtualClock({ startAt: 'tomorrow' })).toThrow(TypeError);
  for (const patienceMs of [0, -1, Number.NaN]) expect(() => createVirtualClock({ patienceMs })).toThrow(TypeError);
});
