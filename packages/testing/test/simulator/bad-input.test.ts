import {
  type BlueSimulator,
  createBlueSimulator,
  createVirtualClock,
  type Fate,
  type SimulatorOptions,
} from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { answer, startReceiver } from '../http-receiver';

const url = 'http://localhost:3000/webhooks/blue';
const secret = 'secret';
const create = (options: object) => createBlueSimulator({ url, secret, ...options } as SimulatorOptions);
const simulate = (options: object = {}) => create({ clock: createVirtualClock(), ...options });

describe('createBlueSimulator refuses', () => {
  test.each([
    ['a malformed URL', { url: 'not a url' }, /absolute URL/],
    ['a relative URL', { url: '/webhooks/blue' }, /absolute URL/],
    ['no URL', { url: undefined }, /absolute URL/],
    ['another protocol', { url: 'ftp://localhost/' }, /http/],
    ['credentials in the URL', { url: 'http://me:hunter2@localhost/' }, /user name/],
    ['an empty secret', { secret: '' }, /secret/],
    ['a blank secret', { secret: ' \n' }, /secret/],
    ['no secret', { secret: undefined }, /secret/],
    ['a secret of another type', { secret: 7 }, /secret/],
    ['an empty secret in bytes', { secret: new Uint8Array() }, /secret/],
    ['an unknown event', { events: ['TODO_MOVED', 'TODO_ARCHIVED'] }, /TODO_ARCHIVED/],
    ['a name that objects have', { events: ['constructor'] }, /constructor/],
    ['events that are not a list', { events: 'TODO_MOVED' }, /events/],
    ['workspaces that are not a list of ids', { projectIds: [7] }, /projectIds/],
    ['a negative delay', { delayMs: -1 }, /delayMs/],
    ['a delay that is not a number', { delayMs: Number.NaN }, /delayMs/],
    ['an endless delay', { delayMs: Number.POSITIVE_INFINITY }, /delayMs/],
    ['an unknown backoff', { backoff: { type: 'linear' } }, /backoff/],
    ['a negative backoff', { backoff: { delayMs: -1 } }, /backoff/],
    ['a jitter beyond 1', { backoff: { jitter: 1.1 } }, /jitter/],
    ['no concurrency', { concurrency: 0 }, /concurrency/],
    ['a fractional concurrency', { concurrency: 1.5 }, /concurrency/],
    ['a share beyond 1', { duplicateRate: 2 }, /duplicateRate/],
    ['a negative share', { reorderRate: -0.1 }, /reorderRate/],
  ])('%s', (_what, options, message) => {
    expect(() => create(options)).toThrow(TypeError);
    expect(() => create(options)).toThrow(message);
  });

  test('no options at all', () => {
    expect(() => createBlueSimulator(undefined as unknown as SimulatorOptions)).toThrow(TypeError);
  });

  test('with a message that does not contain the credentials', () => {
    const message = String(catchError(() => create({ url: 'http://me:hunter2@localhost/' })));
    expect(message).not.toContain('hunter2');
  });
});

describe('the simulator sends to this machine only', () => {
  const local = ['http://localhost:1234/', 'https://LOCALHOST/', 'http://api.localhost/', 'http://127.0.0.1/'];
  test.each([...local, 'http://127.8.9.10:80/', 'http://[::1]:8080/', 'http://2130706433/', 'http://0x7f.1/'])(
    '%s is on it',
    (url) => {
      expect(create({ url }).webhook.url).toBe(new URL(url).href);
    },
  );

  const remote = ['https://example.com/', 'http://127.0.0.1.example.com/', 'http://localhost.example.com/'];
  test.each([
    ...remote,
    'http://notlocalhost/',
    'http://10.0.0.1/',
    'http://0.0.0.0/',
    'http://[::2]/',
    'http://128.0.0.1/',
  ])('%s is not, and needs allowRemote', (url) => {
    expect(() => create({ url })).toThrow(/allowRemote: true/);
    expect(create({ url, allowRemote: true }).webhook.url).toBe(new URL(url).href);
  });

  test('a redirect is not followed: it is a failed attempt', async () => {
    const elsewhere = await startReceiver(answer(200));
    const receiver = await startReceiver((_arrived, response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    );
    const { attempts } = await simulate({ url: receiver.url }).emit('TODO_MOVED');
    expect(attempts.map(({ status }) => status)).toEqual([307, 307, 307, 307, 307]);
    expect(elsewhere.arrived).toEqual([]);
  });
});

describe('emit refuses', () => {
  const emit = (event: unknown, overrides?: unknown, options?: unknown) => () =>
    (simulate().emit as (...args: unknown[]) => Promise<Fate>)(event, overrides, options);

  test.each([
    ['an unknown event', 'TODO_ARCHIVED', {}, /TODO_ARCHIVED.*oddities/s],
    ['a name that objects have', '__proto__', {}, /__proto__/],
    ['the health check, which enable() sends', 'WEBHOOK_HEALTH_CHECK', {}, /WEBHOOK_HEALTH_CHECK/],
    ['an override that changes the event', 'TODO_MOVED', { event: 'TODO_DELETED' }, /change event/],
    ['an override that removes the event', 'TODO_MOVED', { event: undefined }, /change event/],
    ['overrides that are not an object', 'TODO_MOVED', 'title', /overrides/],
    ['overrides that are a list', 'TODO_MOVED', [], /overrides/],
    ['nothing', undefined, {}, /emit needs/],
    ['null', null, {}, /emit needs/],
    ['a payload without an event', { currentValue: {} }, {}, /emit needs/],
    ['a payload with an empty event', { event: '' }, {}, /emit needs/],
    ['a payload whose event is not a string', { event: 7 }, {}, /emit needs/],
    ['a BigInt', 'TODO_MOVED', { currentValue: { position: 1n } }, /JSON/],
  ])('%s', (_what, event, overrides, message) => {
    expect(emit(event, overrides)).toThrow(TypeError);
    expect(emit(event, overrides)).toThrow(message);
  });

  test('a cycle, and more levels than JSON can have', () => {
    const cycle: Record<string, unknown> = {};
    cycle.cycle = cycle;
    expect(emit('TODO_MOVED', { currentValue: cycle })).toThrow(/cycle/);
    let deep = {};
    for (let level = 0; level < 100_000; level++) deep = { deep };
    expect(emit('TODO_MOVED', { currentValue: deep })).toThrow(/levels/);
  });

  test('an invalid delay', () => {
    expect(emit('TODO_MOVED', {}, { delayMs: -1 })).toThrow(/delayMs/);
  });
});

test('an override named __proto__ pollutes nothing', async () => {
  const receiver = await startReceiver(answer(204));
  const overrides = JSON.parse('{"currentValue":{"__proto__":{"polluted":true}},"__proto__":{"polluted":true}}');
  const { body } = await simulate({ url: receiver.url }).emit('TODO_MOVED', overrides);
  expect(body).toContain('"__proto__":{"polluted":true}');
  expect('polluted' in {}).toBe(false);
});

describe('an unreachable receiver is a failed attempt in the report, with the reason', () => {
  const errorsOf = async (blue: BlueSimulator) => {
    const { outcome, attempts } = await blue.emit('TODO_MOVED');
    expect(outcome).toBe('failed');
    expect(attempts.every(({ status }) => status === undefined)).toBe(true);
    return new Set(attempts.map(({ error }) => error));
  };

  test('a port without a listener', async () => {
    const receiver = await startReceiver(answer(200));
    await receiver.close();
    const [error] = await errorsOf(simulate({ url: receiver.url }));
    expect(error).toMatch(/ECONNREFUSED/);
  });

  test('a port that fetch refuses', async () => {
    expect(await errorsOf(simulate({ url: 'http://localhost:1/' }))).toEqual(new Set(['bad port']));
  });

  test('a receiver that closes the connection', async () => {
    const receiver = await startReceiver((_arrived, response) => response.destroy());
    const [error] = await errorsOf(simulate({ url: receiver.url }));
    expect(error).toMatch(/closed|ECONNRESET|hang up/i);
  });

  test('a handler in the same process that throws, or returns nothing', async () => {
    const thrower = simulate({ fetch: () => Promise.reject(new Error('out of order')) });
    expect(await errorsOf(thrower)).toEqual(new Set(['out of order']));
    const hostile = simulate({
      fetch: () => {
        throw undefined;
      },
    });
    expect(await errorsOf(hostile)).toEqual(new Set(['the request failed']));
    expect((await errorsOf(simulate({ fetch: () => undefined }))).size).toBe(1);
  });

  test('and neither is the health check more than that', async () => {
    const receiver = await startReceiver(answer(200));
    await receiver.close();
    const blue = simulate({ url: receiver.url });
    expect(await blue.enable()).toMatchObject({ enabled: false, status: 'UNHEALTHY' });
    expect(blue.report.attempts[0]?.error).toMatch(/ECONNREFUSED/);
  });
});

test('hooks that throw or reject change nothing', async () => {
  const receiver = await startReceiver(answer(500));
  const fail = () => {
    throw new Error('a hook of the user');
  };
  const blue = simulate({ url: receiver.url, onAttempt: fail, onDisabled: () => Promise.reject(fail) });
  expect(await blue.emit('TODO_MOVED')).toMatchObject({ outcome: 'failed', attempts: { length: 5 } });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}
