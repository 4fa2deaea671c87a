import { expect, test, vi } from 'vitest';
import { toRawDelivery } from '../src/adapter';
import { createReceiver, type Ledger, memoryLedger, sign, type WaitUntil } from '../src/index';

const secret = 'a secret';
const body = '{"event":"TODO_CREATED","currentValue":{"id":"1","title":7}}';

async function request(text = body): Promise<Request> {
  const headers = { 'x-signature': await sign(body, secret) };
  return new Request('http://localhost/', { method: 'POST', headers, body: text });
}

/** A Worker's context: its method throws when it is called without its `this`, and the test can wait for it. */
class ExecutionContext {
  readonly #promises: Promise<unknown>[] = [];
  waitUntil(work: Promise<unknown>): void {
    this.#promises.push(work);
  }
  /** Whether everything settled, and nothing rejected. */
  async settled(): Promise<number> {
    return (await Promise.all(this.#promises)).length;
  }
}

test('a promise that a hook returns is passed to the waitUntil of the context of receiver.fetch', async () => {
  const ended: string[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const later = (name: string) => () => gate.then(() => void ended.push(name));
  const receiver = createReceiver({
    secret,
    onFailure: later('onFailure'),
    onOutcome: later('onOutcome'),
    onDrift: later('onDrift'),
  });
  const context = new ExecutionContext();
  await receiver.fetch(await request(), context);
  await receiver.fetch(await request('{}'), context);
  expect(ended).toEqual([]);
  release();
  expect(await context.settled()).toBe(4);
  expect(ended.sort()).toEqual(['onDrift', 'onFailure', 'onOutcome', 'onOutcome']);
});

test('the option is used where the request has no context, and the context is preferred', async () => {
  const option = vi.fn<WaitUntil>();
  const context = { waitUntil: vi.fn<WaitUntil>() };
  const receiver = createReceiver({ secret, waitUntil: option, onOutcome: async () => {} });
  await receiver.fetch(await request(), context);
  expect([option.mock.calls.length, context.waitUntil.mock.calls.length]).toEqual([0, 1]);
  await receiver.fetch(await request());
  expect(option).toHaveBeenCalledTimes(1);
});

test('handlers that run after the deadline are passed to waitUntil', async () => {
  const context = new ExecutionContext();
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ended = vi.fn();
  const receiver = createReceiver({ secret, deadlineMs: 20 }).on('TODO_CREATED', () => gate.then(ended));
  const { status } = await receiver.fetch(await request(body.replace('7', '"a"')).then(resign), context);
  expect(status).toBe(503);
  release();
  await context.settled();
  expect(ended).toHaveBeenCalledTimes(1);
});

test.each(['release', 'finish'] as const)(
  'the %s of a ledger is passed to waitUntil, also after the answer',
  async (call) => {
    const memory = memoryLedger();
    const recorded: string[] = [];
    const slowly = async <T>(name: string, answer: () => T | Promise<T>): Promise<T> => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      recorded.push(name);
      return answer();
    };
    const ledger: Ledger = {
      ...memory,
      release: (id, token) => slowly('release', () => memory.release(id, token)),
      finish: (id, token) => slowly('finish', () => memory.finish(id, token)),
    };
    const context = new ExecutionContext();
    const receiver = createReceiver({ secret, ledger, deadlineMs: 20 }).on('TODO_CREATED', async () => {
      if (call === 'release') throw new Error('the CRM is down');
      await new Promise((resolve) => setTimeout(resolve, 40));
    });
    const { status } = await receiver.fetch(await request(body.replace('7', '"a"')).then(resign), context);
    expect(status).toBe(call === 'release' ? 500 : 503);
    expect(recorded).toEqual([]);
    await context.settled();
    expect(recorded).toEqual([call]);
  },
);

test('a waitUntil that throws, a hook that rejects and a hook that returns no promise change nothing', async () => {
  const waitUntil = vi.fn(() => {
    throw new Error('Illegal invocation');
  });
  const rejecting = createReceiver({ secret, onOutcome: () => Promise.reject(new Error('a hook')) });
  expect((await rejecting.fetch(await request(), { waitUntil })).status).toBe(204);
  expect(waitUntil).toHaveBeenCalledTimes(1);
  const silent = createReceiver({ secret, onOutcome: () => 7 });
  expect((await silent.fetch(await request(), { waitUntil })).status).toBe(204);
  expect(waitUntil).toHaveBeenCalledTimes(1);
});

test.each([
  ['no context', undefined],
  ['an environment of bindings', { BLUE_WEBHOOK_SECRET: secret }],
  ['a waitUntil that is not a function', { waitUntil: 'a binding' }],
  ['null', null],
])('a second argument with %s is ignored', async (_what, context) => {
  const receiver = createReceiver({ secret, onOutcome: async () => {} });
  expect((await receiver.fetch(await request(), context as object)).status).toBe(204);
  expect(toRawDelivery(await request(), context as object).waitUntil).toBeUndefined();
});

test('createReceiver throws a TypeError for a waitUntil that is not a function', () => {
  expect(() => createReceiver({ secret, waitUntil: {} as WaitUntil })).toThrow(/waitUntil must be a function/);
});

/** Signs the body of a request again. */
async function resign(changed: Request): Promise<Request> {
  const text = await changed.text();
  const headers = { 'x-signature': await sign(text, secret) };
  return new Request('http://localhost/', { method: 'POST', headers, body: text });
}
