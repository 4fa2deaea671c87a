import { afterEach, expect, test, vi } from 'vitest';
import { hmac } from '#hmac';
import { createReceiver, type ReceiverOptions } from '../src/index';

afterEach(() => vi.restoreAllMocks());

const forgery = (signature: string | undefined) => ({
  method: 'POST',
  header: (name: string) => (name === 'x-signature' ? signature : undefined),
  body: new TextEncoder().encode('{"event":"TODO_CREATED","webhook":{"id":"w1"}}'),
});
const wellFormed = 'f'.repeat(64);
const list = Array.from({ length: 16 }, (_, place) => `secret ${place}`);

test.each<[string, ReceiverOptions, string | undefined, { signed: number; digested: number; called: number }]>([
  ['a single secret', { secret: 'a' }, wellFormed, { signed: 1, digested: 0, called: 0 }],
  ['a list', { secret: list }, wellFormed, { signed: 16, digested: 0, called: 0 }],
  ['a function that returns one', { secret: () => 'a' }, wellFormed, { signed: 1, digested: 0, called: 1 }],
  ['a function that returns a list', { secret: () => list }, wellFormed, { signed: 16, digested: 0, called: 1 }],
  ['a function that returns none', { secret: () => undefined }, wellFormed, { signed: 1, digested: 0, called: 1 }],
  ['a missing signature', { secret: () => list }, undefined, { signed: 0, digested: 0, called: 0 }],
  ['a malformed signature', { secret: () => list }, 'F'.repeat(64), { signed: 0, digested: 0, called: 0 }],
  ['allowUnsigned', { secret: list, allowUnsigned: true }, undefined, { signed: 0, digested: 1, called: 0 }],
])('each request costs one HMAC per candidate secret: %s', async (_, options, signature, expected) => {
  const { secret } = options;
  const lookup = typeof secret === 'function' ? vi.fn(secret) : undefined;
  const receiver = createReceiver(lookup ? { ...options, secret: lookup } : options);
  const [signed, digested] = [vi.spyOn(hmac, 'sign'), vi.spyOn(hmac, 'digest')];
  await receiver.handle(forgery(signature));
  expect({
    signed: signed.mock.calls.length,
    digested: digested.mock.calls.length,
    called: lookup?.mock.calls.length ?? 0,
  }).toEqual(expected);
});
