import { systemClock } from '@blue-webhooks/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the system clock calls back after the time, unless it is cancelled', () => {
  const fired: string[] = [];
  systemClock.schedule(() => fired.push('yes'), 50);
  systemClock.schedule(() => fired.push('no'), 60)();
  vi.advanceTimersByTime(49);
  expect(fired).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(fired).toEqual(['yes']);
});

test('it waits longer than the maximum of one timer', () => {
  const fired: string[] = [];
  const yearMs = 365 * 86_400_000;
  systemClock.schedule(() => fired.push('yes'), yearMs);
  const callOff = systemClock.schedule(() => fired.push('no'), yearMs);
  vi.advanceTimersByTime(yearMs - 1);
  expect(fired).toEqual([]);
  callOff();
  vi.advanceTimersByTime(1);
  expect(fired).toEqual(['yes']);
});
