import { describe, expect, test } from 'vitest';
import {
  createReceiver,
  memoryLedger,
  type RawDelivery,
  type Receiver,
  sign,
  UnrecoverableError,
  verify,
  type WaitUntil,
} from '../src/index';

const secret = 'a secret';
const body = '{"event":"TODO_CREATED","webhook":{"id":"w1"},"currentValue":{"id":"1","title":"T","done":"yes"}}';
const signed = async () => ({ method: 'POST', body, headers: { 'x-signature': await sign(body, secret) } });
const request = async () => new Request('https://example.com/webhooks/blue', await signed());

async function raw(waitUntil?: WaitUntil): Promise<RawDelivery> {
  const { headers } = await signed();
  const header = (name: string) => (headers as Record<string, string>)[name];
  return { method: 'POST', header, body: new TextEncoder().encode(body), waitUntil };
}

/** A context as Workers have one: `waitUntil` fails without its `this`. */
class Context {
  readonly work: Promise<unknown>[] = [];
  waitUntil(work: Promise<unknown>): void {
    if (!(this instanceof Context)) throw new TypeError('Illegal invocation');
    this.work.push(work);
  }
}

/** A receiver whose three hooks each write to a log, a while after they were called. */
function logging(log: string[], waitUntil?: WaitUntil): Receiver {
  const hook = (name: string) => async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(name);
    throw new Error('a broken hook');
  };
  const hooks = { onFailure: hook('failure'), onOutcome: hook('outcome'), onDrift: hook('drift') };
  return createReceiver({ secret, waitUntil, ...hooks }).on('TODO_CREATED', () => Promise.reject(new Error('broken')));
}

describe('the promises that hooks return are passed to waitUntil', () => {
  const everything = ['drift', 'failure', 'outcome'];

  test('of the context that Workers pass beside the request', async () => {
    const log: string[] = [];
    const context = new Context();
    const { status } = await logging(log).fetch(await request(), { BLUE_WEBHOOK_SECRET: secret }, context);
    await Promise.all(context.work);
    expect([status, context.work.length, log.sort()]).toEqual([500, 4, everything]); // three hooks, one handler;
  });

  test('of a raw delivery, before the option', async () => {
    const log: string[] = [];
    const context = new Context();
    const never: WaitUntil = () => log.push('the option');
    await logging(log, never).handle(await raw((work) => context.waitUntil(work)));
    await Promise.all(context.work);
    expect(log.sort()).toEqual(everything);
  });

  test('of the option, for handle, fetch and verify', async () => {
    for (const [call, expected] of [
      [async (receiver: Receiver) => receiver.handle(await raw()), everything],
      [
        async (receiver: Receiver) => receiver.fetch(await request(), undefined, { waitUntil: 'not a function' }),
        everything,
      ],
      [async (receiver: Receiver) => receiver.verify(await raw()), ['drift']],
      [async (receiver: Receiver) => receiver.verify({ ...(await raw()), method: 'GET' }).catch(() => {}), ['failure']],
    ] as const) {
      const log: string[] = [];
      const { work, waitUntil } = new (class extends Context {
        override readonly waitUntil = super.waitUntil.bind(this);
      })();
      await call(logging(log, waitUntil));
      await Promise.all(work);
      expect(log.sort()).toEqual(expected);
    }
  });

  test('and never reject there', async () => {
    const context = new Context();
    await logging([]).fetch(await request(), context);
    expect((await Promise.allSettled(context.work)).map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
  });

  test('and so is a handler that is still running at the deadline', async () => {
    const context = new Context();
    let ended = false;
    const receiver = createReceiver({ secret, deadlineMs: 10 }).on('TODO_CREATED', async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      ended = true;
    });
    expect((await receiver.fetch(await request(), {}, context)).status).toBe(503);
    await Promise.all(context.work);
    expect(ended).toBe(true);
  });

  test('but a hook without a promise adds nothing', async () => {
    const context = new Context();
    await createReceiver({ secret, onOutcome: () => 5 }).fetch(await request(), {}, context);
    expect(context.work).toEqual([]);
  });
});

describe('the response does not depend on', () => {
  const broken: [string, unknown][] = [
    [
      'a waitUntil that throws',
      () => {
        throw new Error('the context has ended');
      },
    ],
    ['a waitUntil that rejects', () => Promise.reject(new Error('the context has ended'))],
  ];
  test.each(broken)('%s', async (_title, waitUntil) => {
    const receiver = logging([], waitUntil as WaitUntil);
    expect((await receiver.handle(await raw())).status).toBe(500);
  });

  test('a context whose getter throws', async () => {
    const context = Object.defineProperty({}, 'waitUntil', {
      get() {
        throw new Error('This context has no ExecutionContext');
      },
    });
    expect((await logging([]).fetch(await request(), context)).status).toBe(500);
  });
});

describe('a hook harms nobody that', () => {
  const hostile: [string, () => unknown][] = [
    [
      'throws a rejected promise',
      () => {
        throw Promise.reject(new Error('rejected'));
      },
    ],
    [
      'returns an object whose then throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: the point
        get then() {
          throw new Error('then');
        },
      }),
    ],
    [
      'returns an object whose then calls nothing back',
      // biome-ignore lint/suspicious/noThenProperty: the point
      () => ({ then: () => {} }),
    ],
    [
      'returns a promise with hostile properties',
      () => {
        const promise = Promise.reject(new Error('rejected'));
        const trap = {
          get() {
            throw new Error('trap');
          },
        };
        return Object.defineProperties(promise, { catch: trap, finally: trap });
      },
    ],
    [
      'rejects with a rejected promise',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: the point
        then: (_resolve: unknown, reject: (reason: unknown) => void) => reject(Promise.reject(new Error('rejected'))),
      }),
    ],
  ];
  test.each(hostile)('%s', async (_title, hook) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const receiver = createReceiver({ secret, onFailure: hook, onOutcome: hook, onDrift: hook });
      expect((await receiver.handle(await raw())).status).toBe(204);
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});

test.each(['onFailure', 'onOutcome', 'onDrift', 'waitUntil'])('%s must be a function', (name) => {
  for (const value of ['text', null, {}, true]) {
    expect(() => createReceiver({ secret, [name]: value })).toThrow(TypeError);
    expect(() => createReceiver({ secret, [name]: value })).toThrow(`${name} must be a function, got`);
  }
  expect(() => createReceiver({ secret, [name]: undefined })).not.toThrow();
});

test('verify without a receiver needs no context', async () => {
  const signature = await sign(body, secret);
  expect((await verify({ body, signature, secret })).event.event).toBe('TODO_CREATED');
});

describe('a hook that changes what it receives', () => {
  const spoil = (value: object) => {
    for (const key of Object.getOwnPropertyNames(value)) Reflect.set(value, key, undefined);
  };
  const options = { secret, onFailure: spoil, onOutcome: spoil, onDrift: spoil };
  const failing = () => Promise.reject(new UnrecoverableError('gone'));

  test.each<[string, object, Partial<RawDelivery>, () => unknown, number]>([
    ['a failure', {}, {}, () => Promise.reject(new Error('broken')), 500],
    ['a failure, with a ledger', { ledger: memoryLedger() }, {}, () => Promise.reject(new Error('broken')), 500],
    ['an UnrecoverableError', {}, {}, failing, 204],
    ['an UnrecoverableError, with a ledger', { ledger: memoryLedger() }, {}, failing, 204],
    ['a late handler', { deadlineMs: 20 }, {}, () => new Promise(() => {}), 503],
    ['a body that is too large', { maxBodyBytes: 1 }, {}, () => {}, 413],
    ['another method', {}, { method: 'GET' }, () => {}, 405],
    ['a forgery', {}, { header: (name) => (name === 'x-signature' ? 'f'.repeat(64) : undefined) }, () => {}, 401],
    ['a success', {}, {}, () => {}, 204],
  ])('does not change the response to %s', async (_what, more, change, handler, status) => {
    const receiver = createReceiver({ ...options, ...more }).on('TODO_CREATED', handler);
    const outcome = await receiver.handle({ ...(await raw()), ...change });
    expect(outcome).toMatchObject({ status, headers: expect.any(Object) });
    expect(outcome.code === undefined).toBe(status === 204 && handler !== failing);
  });

  test('does not change the drift that handlers read', async () => {
    const paths: unknown[] = [];
    const receiver = createReceiver({ ...options, onDrift: (drift) => (drift as unknown[]).splice(0) });
    receiver.on('TODO_CREATED', (_event, { drift }) => void paths.push(...drift.map(({ path }) => path)));
    await receiver.handle(await raw());
    expect(paths).toEqual(['currentValue.done']);
  });

  test('does not change what dispatch throws', async () => {
    const error = new Error('broken');
    const receiver = createReceiver(options).on('TODO_CREATED', () => Promise.reject(error));
    await expect(receiver.dispatch(await receiver.verify(await raw()))).rejects.toBe(error);
  });
});
