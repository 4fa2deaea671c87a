import { createReceiver, sign } from '@blue-webhooks/core';
import { PostponedError } from '@blue-webhooks/core/adapter';
import { afterEach, expect, test, vi } from 'vitest';
import { RetryLater } from '../src/index';

const now = Date.UTC(2026, 0, 1, 12);
afterEach(() => void vi.useRealTimers());

test.for([
  ['120', 120_000],
  [' 7 ', 7_000],
  ['0', 1_000],
  ['999999999999999', 3_600_000],
  ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
  ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
  ['Thu Jan  1 12:00:30 2026', 30_000],
  ['Thu, 01 Jan 2026 11:00:00 GMT', 1_000],
  ['Fri, 02 Jan 2026 12:00:00 GMT', 3_600_000],
  ['-5', 60_000],
  ['1.5', 60_000],
  ['1e3', 60_000],
  ['soon', 60_000],
  ['2026-01-01', 60_000],
  ['', 60_000],
  [null, 60_000],
  [undefined, 60_000],
] as const)('reads the header Retry-After %j as %d ms', ([header, afterMs]) => {
  vi.useFakeTimers({ now, toFake: ['Date'] });
  expect(RetryLater.fromHeader(header).afterMs).toBe(afterMs);
});

test('limits the wait by maxMs, and uses defaultMs without a header', () => {
  expect(RetryLater.fromHeader('120', { maxMs: 5_000 }).afterMs).toBe(5_000);
  expect(RetryLater.fromHeader(null, { defaultMs: 5_000, maxMs: undefined }).afterMs).toBe(5_000);
  expect(() => RetryLater.fromHeader('1', { maxMs: 86_400_001 })).toThrow(TypeError);
  expect(() => RetryLater.fromHeader('1', { defaultMs: 0 })).toThrow(TypeError);
});

test('is refused with a time that is not a positive integer of at most a day', () => {
  for (const afterMs of [0, -1, 1.5, Number.NaN, 86_400_001, '5', undefined, null]) {
    expect(() => new RetryLater({ afterMs } as never), String(afterMs)).toThrow(/afterMs must be a positive integer/);
  }
  expect(() => new RetryLater(undefined as never)).toThrow(/new RetryLater\({ afterMs/);
});

test('keeps its reason and its cause, and is recognised by its mark', () => {
  const cause = new Error('429');
  const error = new RetryLater({ afterMs: 5, reason: 'rate limited', cause });
  expect([error.name, error.message, error.cause, error.afterMs]).toEqual(['RetryLater', 'rate limited', cause, 5]);
  expect(new RetryLater({ afterMs: 5 }).message).toContain('5 ms');
  expect([PostponedError.is(error), RetryLater.is(error), PostponedError.is(new Error())]).toEqual([true, true, false]);
});

test('is an ordinary failure in a receiver without an inbox', async () => {
  const secret = 'a secret';
  const codes: string[] = [];
  const receiver = createReceiver({ secret, onFailure: ({ code }) => codes.push(code) }).onAny(() => {
    throw new RetryLater({ afterMs: 1_000 });
  });
  const body = JSON.stringify({ event: 'TODO_MOVED', currentValue: { id: '1' } });
  const headers = { 'x-signature': await sign(body, secret) };
  const response = await receiver.fetch(new Request('http://localhost', { method: 'POST', body, headers }));
  expect([response.status, codes]).toEqual([500, ['HANDLER_FAILED']]);
});
