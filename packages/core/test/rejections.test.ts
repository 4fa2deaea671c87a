import { afterEach, beforeEach, expect, test } from 'vitest';
import { createReceiver, type Ledger, memoryLedger, type RawDelivery, sign } from '../src/index';

const secret = 'a secret';
const body = new TextEncoder().encode('{"event":"TODO_CREATED","webhook":{"id":"w1"},"currentValue":{"id":"1"}}');

async function raw(change: Partial<RawDelivery> = {}): Promise<RawDelivery> {
  const signature = await sign(body, secret);
  return { method: 'POST', header: (name) => (name === 'x-signature' ? signature : undefined), body, ...change };
}

const rejected = () => Promise.reject(new Error('rejected'));
const throwsRejected = () => {
  throw rejected();
};
const rejectsWithRejected = () => Promise.reject(rejected());
const rejectsLate = () => new Promise<never>((_, reject) => setTimeout(() => reject(rejected()), 60));

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
// Vitest's own listeners would end the run.
let others: NodeJS.UnhandledRejectionListener[] = [];
beforeEach(() => {
  unhandled.length = 0;
  others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
});
afterEach(() => {
  process.removeAllListeners('unhandledRejection');
  for (const other of others) process.on('unhandledRejection', other);
});

/** What became unhandled while this ran, and a while after. */
async function unhandledAfter(work: () => unknown): Promise<readonly unknown[]> {
  await work();
  await new Promise((resolve) => setTimeout(resolve, 120));
  return unhandled;
}

const failing = [
  ['throws a rejected promise', throwsRejected],
  ['rejects with a rejected promise', rejectsWithRejected],
  ['rejects with a rejected promise after the deadline', rejectsLate],
] as const;

test.each(failing)('a handler that %s leaves no unhandled rejection', async (_, handler) => {
  const receiver = createReceiver({ secret, deadlineMs: 30 }).on('TODO_CREATED', handler).on('TODO_CREATED', handler);
  expect(await unhandledAfter(async () => receiver.handle(await raw()))).toEqual([]);
});

test.each(failing)('a secret function that %s leaves no unhandled rejection', async (_, lookup) => {
  const receiver = createReceiver({ secret: lookup, deadlineMs: 30 });
  expect(await unhandledAfter(async () => receiver.handle(await raw()))).toEqual([]);
});

test.each([
  ['a list of promises', () => [rejected()]],
  ['a record with a promise', () => ({ id: 'a', secret: rejected() })],
  ['a list of records with promises', async () => [{ id: 'a', secret: rejected() }]],
])('a secret function that returns %s leaves no unhandled rejection', async (_, lookup) => {
  const receiver = createReceiver({ secret: lookup as never });
  expect(await unhandledAfter(async () => receiver.handle(await raw()))).toEqual([]);
});

test.each(failing)('a ledger that %s leaves no unhandled rejection', async (_, call) => {
  const ledger: Ledger = { ...memoryLedger(), begin: call, fail: call, finish: call, release: call };
  const receiver = createReceiver({ secret, ledger, deadlineMs: 30 }).on('TODO_CREATED', () => {});
  expect(await unhandledAfter(async () => receiver.handle(await raw()))).toEqual([]);
});

test.each(failing)('a deadLetter that %s leaves no unhandled rejection', async (_, deadLetter) => {
  const receiver = createReceiver({ secret, ledger: memoryLedger(), deadLetter, deadlineMs: 30 });
  receiver.on('TODO_CREATED', () => {
    throw new Error('always');
  });
  const outcome = await unhandledAfter(async () => {
    for (let attempt = 0; attempt < 4; attempt++) await receiver.handle(await raw());
  });
  expect(outcome).toEqual([]);
});

test.each(failing)('a self test whose target %s leaves no unhandled rejection', async (_, target) => {
  const receiver = createReceiver({ secret });
  await expect(receiver.selfTest(target, { timeoutMs: 30 })).rejects.toThrow('self test');
  expect(await unhandledAfter(() => {})).toEqual([]);
});

test.each(failing)('a waitUntil and hooks that %s leave no unhandled rejection', async (_, hook) => {
  const hooks = { onFailure: hook, onOutcome: hook, onDrift: hook, waitUntil: hook };
  const receiver = createReceiver({ secret, ...hooks }).on('TODO_CREATED', throwsRejected);
  expect(await unhandledAfter(async () => receiver.handle(await raw()))).toEqual([]);
});

test.each<[string, RawDelivery['body']]>([
  ['throws a rejected promise', throwsRejected],
  [
    'fails with a rejected promise after its end',
    (sink) => {
      sink.end();
      sink.fail(rejected());
      return () => {};
    },
  ],
  [
    'reports a rejected promise as consumed after its end',
    (sink) => {
      sink.end();
      sink.consumed(rejected());
      return () => {};
    },
  ],
  [
    'stops with a rejected promise',
    (sink) => {
      sink.chunk({} as never);
      return throwsRejected;
    },
  ],
])('a body that %s leaves no unhandled rejection', async (_, source) => {
  const receiver = createReceiver({ secret });
  expect(await unhandledAfter(async () => receiver.handle(await raw({ body: source })))).toEqual([]);
});

test('a request whose stream cannot be cancelled leaves no unhandled rejection', async () => {
  for (const cancel of [throwsRejected, rejectsWithRejected, () => undefined as never]) {
    const reader = { read: async () => ({ done: false, value: 'x'.repeat(9) as never }), cancel };
    const request = {
      method: 'POST',
      headers: new Headers({ 'x-signature': 'a'.repeat(64) }),
      body: { locked: false, getReader: () => reader },
      bodyUsed: false,
    };
    const receiver = createReceiver({ secret, maxBodyBytes: 5 });
    expect(await unhandledAfter(async () => expect((await receiver.fetch(request)).status).toBe(413))).toEqual([]);
  }
});
