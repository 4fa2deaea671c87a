import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createReceiver, memoryLedger, UnrecoverableError, type WebhookError } from '@blue-webhooks/core';
import { redisLedger } from '@blue-webhooks/core/redis-ledger';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createBlueSimulator, createVirtualClock, signedDelivery } from '../../src/index';
import { ledgerContract } from '../../src/ledger-contract';
import { hasRedis, startRedis } from './redis-server';

const secret = 'a secret';

async function rawDelivery(event: Parameters<typeof signedDelivery>[0] = 'TODO_CREATED') {
  const { body, headers } = await signedDelivery(event, { secret });
  return { method: 'POST', header: (name: string) => (headers as Record<string, string>)[name], body };
}

describe('the ledger contract on memoryLedger', () => {
  test.each(ledgerContract)('$title', ({ run }) => run({ create: memoryLedger }));
});

describe('memoryLedger', () => {
  test('holds no more than it is told to; the oldest make room', () => {
    const ledger = memoryLedger({ maxEntries: 3 });
    for (const id of ['1', '2', '3', '4']) ledger.finish(id);
    expect(['1', '2', '3', '4'].map((id) => ledger.attempts(id))).toEqual([0, 1, 1, 1]);
  });

  test.each([{ maxEntries: 0 }, { ttlMs: -1 }, { leaseMs: Number.NaN }])('%o is a TypeError', (options) => {
    expect(() => memoryLedger(options)).toThrow(TypeError);
  });
});

describe('a receiver with a ledger', () => {
  test('handles a duplicate once, and refuses the one that comes while the first is being handled', async () => {
    let runs = 0;
    let finish = () => {};
    const receiver = createReceiver({ secret, ledger: memoryLedger() }).on('TODO_CREATED', () => {
      runs += 1;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const raw = await rawDelivery();
    const first = receiver.handle(raw);
    while (runs === 0) await new Promise(setImmediate);
    expect(await receiver.handle(raw)).toMatchObject({
      status: 409,
      code: 'IN_PROGRESS',
      body: '{"error":"IN_PROGRESS"}',
    });
    finish();
    expect((await first).status).toBe(204);
    expect((await receiver.handle(raw)).status).toBe(204);
    expect(runs).toBe(1);
  });

  test('tells handlers which attempt this is', async () => {
    const attempts: unknown[] = [];
    const receiver = createReceiver({ secret, ledger: memoryLedger() }).on('TODO_CREATED', (_event, { attempt }) => {
      attempts.push(attempt);
      if (attempts.length < 3) throw new Error('not yet');
    });
    const raw = await rawDelivery();
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await receiver.handle(raw)).status);
    expect(statuses).toEqual([500, 500, 204, 204]);
    expect(attempts).toEqual([1, 2, 3]);
  });

  test('does not run handlers again that came to a good end after the deadline', async () => {
    let runs = 0;
    let finish = () => {};
    const receiver = createReceiver({ secret, ledger: memoryLedger(), deadlineMs: 30 }).on('TODO_CREATED', () => {
      runs += 1;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const raw = await rawDelivery();
    expect((await receiver.handle(raw)).status).toBe(503);
    finish();
    await new Promise(setImmediate);
    expect((await receiver.handle(raw)).status).toBe(204);
    expect(runs).toBe(1);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['never answers', () => new Promise<never>(() => {})],
  ])('handles deliveries all the same when the ledger %s, and reports it', async (_title, broken) => {
    const codes: string[] = [];
    const ledger = { begin: broken, finish: broken, fail: broken };
    const receiver = createReceiver({ secret, ledger, onFailure: ({ code }) => codes.push(code) }).on(
      'TODO_CREATED',
      () => {},
    );
    expect((await receiver.handle(await rawDelivery())).status).toBe(204);
    expect(codes).toEqual(['LEDGER_FAILED', 'LEDGER_FAILED']);
  });

  test('runs handlers again that came to a bad end after the deadline, or that it did not start', async () => {
    const runs: string[] = [];
    const endings: (() => void)[] = [];
    const receiver = createReceiver({ secret, ledger: memoryLedger(), deadlineMs: 30 })
      .on('TODO_CREATED', () => {
        runs.push('slow');
        return new Promise<void>((resolve, reject) =>
          endings.push(runs.length === 1 ? () => reject(new Error('bad')) : resolve),
        );
      })
      .on('TODO_CREATED', () => {
        runs.push('next');
      });
    const raw = await rawDelivery();
    for (let i = 0; i < 3; i++) {
      expect((await receiver.handle(raw)).status).toBe(503);
      endings[i]?.();
      await new Promise(setImmediate);
    }
    expect(runs).toEqual(['slow', 'slow', 'slow']);
  });

  test('does not run handlers again that have given the delivery up', async () => {
    let runs = 0;
    const receiver = createReceiver({ secret, ledger: memoryLedger() }).on('TODO_CREATED', () => {
      runs += 1;
      throw new UnrecoverableError('never');
    });
    const raw = await rawDelivery();
    expect([(await receiver.handle(raw)).code, (await receiver.handle(raw)).code]).toEqual([
      'HANDLER_FAILED',
      undefined,
    ]);
    expect(runs).toBe(1);
  });

  test('asks its ledger only where there is something to handle, and for the attempt only where it is', async () => {
    const asked: string[] = [];
    const ledger = memoryLedger();
    const watched = {
      begin(id: string) {
        asked.push('begin');
        return ledger.begin(id);
      },
      finish(id: string) {
        asked.push('finish');
        return ledger.finish(id);
      },
      fail(id: string) {
        asked.push('fail');
        return ledger.fail(id);
      },
      attempts(id: string) {
        asked.push('attempts');
        return ledger.attempts(id);
      },
    };
    const receiver = createReceiver({ secret, ledger: watched }).on('TODO_CREATED', () => {});
    await receiver.handle(await rawDelivery('TAG_CREATED'));
    expect(asked).toEqual([]);
    for (let i = 0; i < 2; i++) await receiver.handle(await rawDelivery());
    expect(asked).toEqual(['begin', 'attempts', 'finish', 'begin']);
  });

  test('reports what is wrong with its ledger and with the hand-over, with the cause', async () => {
    const reports: unknown[] = [];
    const down = new Error('down');
    const silent = () => new Promise<never>(() => {});
    const onFailure = ({ code, cause }: WebhookError) => reports.push([code, cause]);
    const fails = () => {
      throw down;
    };
    const ledger = { begin: silent, finish: () => {}, fail: () => 4 };
    const receiver = createReceiver({ secret, ledger, deadLetter: () => Promise.reject(down), onFailure }).on(
      'TODO_CREATED',
      fails,
    );
    expect((await receiver.handle(await rawDelivery())).status).toBe(500);
    expect(reports).toEqual([
      ['LEDGER_FAILED', new Error('The ledger did not answer within a second.')],
      ['HANDLER_FAILED', down],
      ['DEAD_LETTER_FAILED', down],
    ]);
  });

  test('gives the hand-over the time that is left until Blue hangs up, and no more', async () => {
    const causes: unknown[] = [];
    const ledger = { begin: () => 'new' as const, finish: () => {}, fail: () => 4 };
    const slow = { secret, ledger, deadlineMs: 20, onFailure: ({ cause }: WebhookError) => causes.push(cause) };
    const take = (ms: number) =>
      createReceiver({ ...slow, deadLetter: () => new Promise((resolve) => setTimeout(resolve, ms)) }).on(
        'TODO_CREATED',
        () => {
          throw 'always';
        },
      );
    expect((await take(100).handle(await rawDelivery())).status).toBe(204);
    expect((await take(5_000).handle(await rawDelivery())).status).toBe(500);
    expect(causes.at(-1)).toEqual(new Error('deadLetter did not settle before the deadline.'));
  });

  test('wants a ledger for deadLetter, and one with all its functions', () => {
    expect(() => createReceiver({ secret, deadLetter: () => {} })).toThrow('needs a ledger');
    expect(() => createReceiver({ secret, ledger: {} as never })).toThrow('ledger.begin must be a function');
  });
});

describe("a poison event under Blue's policy", () => {
  async function play(deadLetter?: (delivery: unknown, error: WebhookError) => unknown) {
    const receiver = createReceiver({ secret, ledger: memoryLedger(), ...(deadLetter && { deadLetter }) }).on(
      'TODO_MOVED',
      () => {
        throw new Error('always');
      },
    );
    const blue = createBlueSimulator({
      url: 'http://localhost/webhooks/blue',
      secret,
      clock: createVirtualClock(),
      fetch: receiver.fetch,
    });
    const poison = await blue.emit('TODO_MOVED');
    const next = await blue.emit('TODO_CREATED');
    return { statuses: poison.attempts.map(({ status }) => status), next: next.outcome, enabled: blue.webhook.enabled };
  }

  test('disables the webhook when nobody takes it', async () => {
    expect(await play()).toEqual({ statuses: [500, 500, 500, 500, 500], next: 'missed', enabled: false });
  });

  test('is handed over at its 4th failure and acknowledged; other events flow', async () => {
    const dead: unknown[] = [];
    const result = await play((delivery, error) => dead.push([delivery, error]));
    expect(result).toEqual({ statuses: [500, 500, 500, 204], next: 'delivered', enabled: true });
    expect(dead).toMatchObject([[{ event: { event: 'TODO_MOVED' }, attempt: 4 }, { code: 'HANDLER_FAILED' }]]);
  });

  test('is acknowledged only if the hand-over resolved', async () => {
    const result = await play(() => Promise.reject(new Error('the queue is down')));
    expect(result).toEqual({ statuses: [500, 500, 500, 500, 500], next: 'missed', enabled: false });
  });
});

describe.skipIf(!hasRedis)(`Redis${hasRedis ? '' : ' (skipped: redis-server not found)'}`, () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let nodeRedis: ReturnType<typeof createClient>;
  beforeAll(async () => {
    redis = await startRedis();
    nodeRedis = createClient({ url: redis.url });
    await nodeRedis.connect();
  });
  afterAll(async () => {
    nodeRedis.destroy();
    await redis.stop();
  });

  describe.each(['ioredis', 'node-redis'])('the ledger contract on redisLedger with %s', (name) => {
    let prefixes = 0;
    test.each(ledgerContract)('$title', ({ run }) =>
      run({
        create: (options) =>
          redisLedger(
            name === 'ioredis' ? redis.client : (nodeRedis as { sendCommand(args: string[]): Promise<unknown> }),
            {
              ...options,
              prefix: `${name}-${prefixes++}:`,
            },
          ),
      }),
    );
  });

  test('what is no client is a TypeError', () => {
    for (const bad of [undefined, {}, 'redis://localhost'])
      expect(() => redisLedger(bad as never)).toThrow('needs a connected Redis client');
  });

  async function startProcess(handler: 'ends' | 'hangs'): Promise<{ url: string; child: ChildProcess }> {
    const script = fileURLToPath(new URL('./receiver-process.ts', import.meta.url));
    const child = fork(script, {
      execArgv: ['--conditions=@blue-webhooks/source', '--import', 'tsx'],
      env: { ...process.env, REDIS_URL: redis.url, SECRET: secret, HANDLER: handler },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const port = await new Promise((resolve) => child.once('message', resolve));
    return { url: `http://127.0.0.1:${port}/`, child };
  }

  const post = async (url: string, delivery: Awaited<ReturnType<typeof signedDelivery>>) =>
    (await fetch(url, { method: 'POST', body: delivery.body, headers: delivery.headers })).status;

  test('fifty identical deliveries at once, to two processes that share it, run the handler once', async () => {
    await redis.client.del('runs');
    const processes = await Promise.all([startProcess('ends'), startProcess('ends')]);
    const delivery = await signedDelivery(
      { event: 'TODO_CREATED', currentValue: { id: 'fifty', title: 'T' } },
      { secret },
    );
    const statuses = await Promise.all(
      Array.from({ length: 50 }, (_, i) => post(processes[i % 2]?.url ?? '', delivery)),
    );
    expect(new Set([...statuses, 204, 409])).toEqual(new Set([204, 409]));
    expect(await redis.client.lrange('runs', 0, -1)).toEqual(['1']);
    expect(await post(processes[0]?.url ?? '', delivery)).toBe(204);
    expect(await redis.client.llen('runs')).toBe(1);
  });

  test('what a killed process was handling is run again by a later retry', async () => {
    await redis.client.del('runs');
    const [holder, other] = await Promise.all([startProcess('hangs'), startProcess('ends')]);
    const delivery = await signedDelivery(
      { event: 'TODO_CREATED', currentValue: { id: 'killed', title: 'T' } },
      { secret },
    );
    const cut = post(holder.url, delivery).catch(() => 'cut');
    while ((await redis.client.llen('runs')) === 0) await new Promise(setImmediate);
    expect(await post(other.url, delivery)).toBe(409);
    holder.child.kill('SIGKILL');
    expect(await cut).toBe('cut');
    await expect.poll(() => post(other.url, delivery), { timeout: 5_000 }).toBe(204);
    expect(await redis.client.lrange('runs', 0, -1)).toEqual(['1', '2']);
  });
});
