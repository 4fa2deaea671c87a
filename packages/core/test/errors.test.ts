import { expect, test } from 'vitest';
import { WebhookError } from '../src/index';

test('a failure has no frames, and leaves those of other errors alone', () => {
  const before = Error.stackTraceLimit;
  const error = new WebhookError('SIGNATURE_MISMATCH');
  expect(Error.stackTraceLimit).toBe(before);
  expect(error.stack).toBe(`WebhookError [SIGNATURE_MISMATCH]: ${error.message}`);
  expect(new Error('another').stack).toContain('errors.test.ts');
});

test.each([0, 3, undefined])('a limit of %s frames that an application has set stays', (limit) => {
  const before = Error.stackTraceLimit;
  try {
    Reflect.set(Error, 'stackTraceLimit', limit);
    new WebhookError('BODY_TOO_LARGE');
    expect(Error.stackTraceLimit).toBe(limit);
  } finally {
    Error.stackTraceLimit = before;
  }
});

test('a failure can be made where the limit must not be set', () => {
  const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') as PropertyDescriptor;
  Object.defineProperty(Error, 'stackTraceLimit', { ...before, writable: false });
  try {
    expect(new WebhookError('BODY_TIMEOUT').stack).toContain('WebhookError [BODY_TIMEOUT]');
  } finally {
    Object.defineProperty(Error, 'stackTraceLimit', before);
  }
});

test('a cause and a hint are kept', () => {
  const cause = new Error('why');
  const error = new WebhookError('HANDLER_FAILED', { cause, hint: 'Look there.' });
  expect(error.cause).toBe(cause);
  expect(error.message).toMatch(/ Look there\.$/);
});
