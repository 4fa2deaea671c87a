import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createReceiver, type Ledger, memoryLedger, UnrecoverableError, type WebhookError } from '@blue-webhooks/core';
import { type RedisClient, redisLedger } from '@blue-webhooks/core/redis-ledger';
import { Cluster } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createBlueSimulator, createVirtualClock, signedDelivery } from '../../src/index';
import { ledgerContract } from '../../src/ledger-contract';
import { hasRedis, startCluster, startRedis } from './redis-server';

const secret = 'a secret';

async function rawDelivery(event: Parameters<typeof signedDelivery>[0] = 'TODO_CREATED') {
  const { body, headers } = await signedDelivery(event, { secret });
  return { method: 'POST', header: (name: string) => (headers as Record<string, string>)[name], body };
}

describe('the ledger contract on memoryLedger', () => {
  test.each(ledgerContract)('$title', ({ run }) => run({ create: memoryLedger }));
});

describe('memoryLedger', () => {
  const finish = async (ledger: Ledger, id: string) => {
    const answer = await ledger.begin(id);
    if (answer.state === 'new') await ledger.finish(id, answer.token);
  };
  const stateOf = async (ledger: Ledger, id: string) => (await ledger.begin(id)).state;

  test('remembers at most maxEntries; the oldest make room', async () => {
    const ledger = memoryLedger({ maxEntries: 3 });
    for (const id of ['1', '2', '3', '4']) await finish(ledger, id);
    expect(await Promise.all(['4', '3', '2', '1'].map((id) => stateOf(ledger, id)))).toEqual([
      'done',
      'done',
      'done',
      'new',
    ]);
  });

  test('never drops a delivery in progress to make room', async () => {
    const ledger = memoryLedger({ maxEntries: 1 });
    await ledger.begin('in progress');
    for (const id of ['1', '2', '3']) await finish(ledger, id);
    expect(await stateOf(ledger, 'in progress')).toBe('in-progress');
  });

  test.each([{ maxEntries: 0 }, { ttlMs: -1 }, { leaseMs: Number.NaN }])('%o is a TypeError', (options) => {
    expect(() => memoryLedger(options)).toThrow(TypeError);
  });
});

/** A handler of TODO_CREATED that a test ends, run by run. */
function endable() {
  const runs: { succeed(): void; fail(error: unknown): void }[] = [];
  let running = 0;
  let most = 0;
  return {
    runs,
    /** The most that ran at the same time. */
    get most() {
      return most;
    },
    handler: () => {
      running += 1;
      most = Math.max(most, running);
      return new Promise<void>((resolve, reject) => runs.push({ succeed: resolve, fail: reject })).finally(() => {
        running -= 1;
      });
    },
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('a receiver with a ledger', () => {
  test('runs the handlers once for requests that arrive together, and answers each with their result', async () => {
    const { runs, handler } = endable();
    const receiver = createReceiver({ secret, ledger: memoryLedger() }).on('TODO_CREATED', handler);
    const raw = await rawDelivery();
    const answers = Promise.all(Array.from({ length: 5 }, () => receiver.handle(raw)));
    await settled();
    runs[0]?.succeed();
    expect((await answers).map(({ status, duplicate }) => [status, duplicate])).toEqual([
      [204, false],
      ...Array.from({ length: 4 }, () => [204, true]),
    ]);
    expect(runs).toHaveLength(1);
    expect(await receiver.handle(raw)).toMatchObject({ status: 204, code: undefined, duplicate: true });
    expect(runs).toHaveLength(1);
  });

  test('three sends past the deadline run a slow handler once; the send after its end is answered 204', async () => {
    const slow = endable();
    const receiver = createReceiver({ secret, ledger: memoryLedger({ leaseMs: 100 }), deadlineMs: 60 }).on(
      'TODO_CREATED',
      slow.handler,
    );
    const raw = await rawDelivery();
    const codes: unknown[] = [];
    for (let i = 0; i < 3; i++) codes.push((await receiver.handle(raw)).code);
    expect(codes).toEqual(['DEADLINE_EXCEEDED', 'IN_PROGRESS', 'IN_PROGRESS']);
    slow.runs[0]?.succeed();
    await settled();
    expect(await receiver.handle(raw)).toMatchObject({ status: 204, duplicate: true });
    expect([slow.runs.length, slow.most]).toEqual([1, 1]);
  });

  test('a retry that arrives while the handlers run is answered with their result, also with their failure', async () => {
    const { runs, handler } = endable();
    const receiver = createReceiver({ secret, ledger: memoryLedger(), deadlineMs: 1_000 }).on('TODO_CREATED', handler);
    const raw = await rawDelivery();
    const first = receiver.handle(raw);
    await settled();
    const retry = receiver.handle(raw);
    await settled();
    runs[0]?.fail(new Error('no'));
    expect([(await first).code, (await retry).code]).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
    const next = receiver.handle(raw);
    await settled();
    runs[1]?.succeed();
    expect(await next).toMatchObject({ status: 204, duplicate: false });
  });

  test('two receivers that share a ledger never run one delivery at the same time', async () => {
    const slow = endable();
    const ledger = memoryLedger();
    const receivers = [1, 2].map(() =>
      createReceiver({ secret, ledger, deadlineMs: 50 }).on('TODO_CREATED', slow.handler),
    );
    const raw = await rawDelivery();
    await Promise.all([...receivers, ...receivers].map((receiver) => receiver.handle(raw)));
    expect([slow.runs.length, slow.most]).toEqual([1, 1]);
  });

  test('hands the attempt to its handlers, counted from 1', async () => {
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

  test('reports an error that is thrown after the deadline, with its cause', async () => {
    for (const ledger of [memoryLedger(), undefined]) {
      const reports: unknown[] = [];
      const { runs, handler } = endable();
      const onFailure = ({ code, cause }: WebhookError) => reports.push([code, cause]);
      const receiver = createReceiver({ secret, ledger, deadlineMs: 30, onFailure }).on('TODO_CREATED', handler);
      const late = new Error('late');
      expect((await receiver.handle(await rawDelivery())).status).toBe(503);
      runs[0]?.fail(late);
      await settled();
      expect(reports).toEqual([
        ['DEADLINE_EXCEEDED', undefined],
        ['HANDLER_FAILED', late],
      ]);
    }
  });

  test('runs handlers again that failed after the deadline, and starts none after it', async () => {
    const { runs, handler } = endable();
    let others = 0;
    const receiver = createReceiver({ secret, ledger: memoryLedger(), deadlineMs: 30 })
      .on('TODO_CREATED', handler)
      .on('TODO_CREATED', () => {
        others += 1;
      });
    const raw = await rawDelivery();
    for (let i = 0; i < 3; i++) {
      expect((await receiver.handle(raw)).code).toBe('DEADLINE_EXCEEDED');
      runs[i]?.fail(new Error('bad'));
      await settled();
    }
    expect([runs.length, others]).toEqual([3, 0]);
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

  test('calls its ledger only where there is something to handle', async () => {
    const called: string[] = [];
    const ledger = memoryLedger();
    const watched = new Proxy(ledger, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === 'function') called.push(String(name));
        return value;
      },
    });
    const receiver = createReceiver({ secret, ledger: watched }).on('TODO_CREATED', () => {});
    called.length = 0;
    await receiver.handle(await rawDelivery('TAG_CREATED'));
    expect(called).toEqual([]);
    for (let i = 0; i < 2; i++) await receiver.handle(await rawDelivery());
    expect(called).toEqual(['begin', 'finish', 'begin']);
  });
});

describe('a receiver with deadLetter', () => {
  test.each([4, 5, 9])(
    'calls it once for a slow handler that %i sends wait for, and runs the handler once',
    async (sends) => {
      const dead: unknown[] = [];
      const slow = endable();
      const receiver = createReceiver({
        secret,
        ledger: memoryLedger(),
        deadlineMs: 30,
        deadLetter: ({ attempt }, { code }) => dead.push([attempt, code]),
      }).on('TODO_CREATED', slow.handler);
      const raw = await rawDelivery();
      const statuses: number[] = [];
      for (let i = 0; i < sends; i++) statuses.push((await receiver.handle(raw)).status);
      expect(statuses).toEqual([503, 409, 409, ...Array.from({ length: sends - 3 }, () => 204)]);
      expect(dead).toEqual([[4, 'IN_PROGRESS']]);
      expect(slow.runs).toHaveLength(1);
    },
  );

  test('reports by name that handlers succeeded after the delivery was moved to the dead letters', async () => {
    const codes: string[] = [];
    const { runs, handler } = endable();
    const receiver = createReceiver({
      secret,
      ledger: memoryLedger(),
      deadlineMs: 20,
      deadLetter: () => {},
      onFailure: ({ code }) => codes.push(code),
    }).on('TODO_CREATED', handler);
    const raw = await rawDelivery();
    for (let i = 0; i < 4; i++) await receiver.handle(raw);
    runs[0]?.succeed();
    await settled();
    expect(codes.slice(4)).toEqual(['HANDLED_AFTER_DEAD_LETTER']);
    expect(await receiver.handle(raw)).toMatchObject({ status: 204, duplicate: true });
    expect(runs).toHaveLength(1);
  });

  test('calls it once for many requests that fail together', async () => {
    let dead = 0;
    const receiver = createReceiver({
      secret,
      ledger: memoryLedger(),
      deadLetter: async () => {
        dead += 1;
        await settled();
      },
    }).on('TODO_CREATED', async () => {
      await settled();
      throw new Error('always');
    });
    const raw = await rawDelivery();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => receiver.handle(raw)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual([204, 204, 204, 204, 204, 500, 500, 500]);
    expect(dead).toBe(1);
    expect(await receiver.handle(raw)).toMatchObject({ status: 204, duplicate: true });
  });

  test('calls it again at the next failure if it rejects', async () => {
    const reports: unknown[] = [];
    let calls = 0;
    const down = new Error('down');
    const receiver = createReceiver({
      secret,
      ledger: memoryLedger(),
      deadLetter: async () => {
        calls += 1;
        if (calls === 1) throw down;
      },
      onFailure: ({ code, cause }) => reports.push([code, cause]),
    }).on('TODO_CREATED', () => {
      throw 'always';
    });
    const raw = await rawDelivery();
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await receiver.handle(raw)).status);
    expect(statuses).toEqual([500, 500, 500, 500, 204]);
    expect(reports).toContainEqual(['DEAD_LETTER_FAILED', down]);
  });

  test('wants a ledger, and one with all its functions and usable times', () => {
    expect(() => createReceiver({ secret, deadLetter: () => {} })).toThrow('requires a ledger');
    expect(() => createReceiver({ secret, ledger: {} as never })).toThrow('ledger.begin must be a function');
    expect(() => createReceiver({ secret, ledger: memoryLedger({ leaseMs: 1 }) })).toThrow(
      'leaseMs must be at least 100',
    );
    expect(() => createReceiver({ secret, ledger: memoryLedger({ ttlMs: 1_000 }) })).toThrow(
      'ttlMs must be at least 60000',
    );
    expect(() => createReceiver({ secret, ledger: memoryLedger(), deadLetter: 'x' as never })).toThrow(TypeError);
  });
});

describe('a ledger that is down', () => {
  const hangs = () => new Promise<never>(() => {});
  const broken = {
    throws: () => {
      throw new Error('down');
    },
    rejects: () => Promise.reject(new Error('down')),
    hangs,
    'answers nothing': () => undefined as never,
    'answers nonsense': () => ({ state: 'new' }) as never,
  };

  test.each(Object.entries(broken))('that %s costs no delivery, and is reported', async (_title, begin) => {
    const codes: string[] = [];
    const receiver = createReceiver({
      secret,
      ledger: { ...memoryLedger(), begin },
      onFailure: ({ code }) => codes.push(code),
    }).on('TODO_CREATED', () => {});
    expect((await receiver.handle(await rawDelivery())).status).toBe(204);
    expect(codes).toEqual(['LEDGER_FAILED']);
  });

  test.each([Number.NaN, undefined, null, 'x', '4', -1, 0, 4.5, Number.POSITIVE_INFINITY, {}, [4], 4n, true])(
    'whose fail answers %s is no reason to move a delivery to the dead letters',
    async (count) => {
      const codes: string[] = [];
      let dead = 0;
      const receiver = createReceiver({
        secret,
        ledger: { ...memoryLedger(), fail: () => count as number },
        deadLetter: () => {
          dead += 1;
        },
        onFailure: ({ code }) => codes.push(code),
      }).on('TODO_CREATED', () => {
        throw 'always';
      });
      const raw = await rawDelivery();
      for (let i = 0; i < 5; i++) expect((await receiver.handle(raw)).status).toBe(500);
      expect(dead).toBe(0);
      expect(codes.slice(0, 2)).toEqual(['HANDLER_FAILED', 'LEDGER_FAILED']);
    },
  );

  test.each(['renew', 'finish', 'fail', 'release', 'deadLetter'] as const)(
    'whose %s hangs holds up no answer beyond 6.9 seconds, with slow handlers and a slow deadLetter',
    { timeout: 30_000 },
    async (method) => {
      const ledger = { ...memoryLedger(), [method]: hangs, begin: slowly(memoryLedger()) };
      const receiver = createReceiver({ secret, ledger, deadLetter: hangs }).on('TODO_CREATED', hangs);
      const startedAt = performance.now();
      const [failing] = await Promise.all([receiver.handle(await rawDelivery())]);
      expect(failing.status).toBeGreaterThanOrEqual(409);
      expect(performance.now() - startedAt).toBeLessThan(6_900);
    },
  );

  /** Begins as the ledger does, but takes most of a second. */
  function slowly(ledger: Ledger): Ledger['begin'] {
    return async (id) => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      for (let i = 0; i < 3; i++) await ledger.fail(id);
      return ledger.begin(id);
    };
  }

  test('handlers that end just before the deadline are answered 204 although finish hangs', {
    timeout: 30_000,
  }, async () => {
    const receiver = createReceiver({ secret, ledger: { ...memoryLedger(), finish: hangs }, deadlineMs: 100 }).on(
      'TODO_CREATED',
      () => new Promise((resolve) => setTimeout(resolve, 60)),
    );
    expect((await receiver.handle(await rawDelivery())).status).toBe(204);
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

  async function startProcess(handler: 'ends' | 'hangs' | 'waits'): Promise<{ url: string; child: ChildProcess }> {
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

  test('a retry that waits for a process that is killed takes the delivery on', { timeout: 30_000 }, async () => {
    await redis.client.del('runs');
    const [holder, other] = await Promise.all([startProcess('hangs'), startProcess('ends')]);
    const delivery = await signedDelivery(
      { event: 'TODO_CREATED', currentValue: { id: 'killed', title: 'T' } },
      { secret },
    );
    const cut = post(holder.url, delivery).catch(() => 'cut');
    while ((await redis.client.llen('runs')) === 0) await new Promise(setImmediate);
    const retry = post(other.url, delivery);
    holder.child.kill('SIGKILL');
    expect(await cut).toBe('cut');
    expect(await retry).toBe(204);
    expect(await redis.client.lrange('runs', 0, -1)).toEqual(['1', '2']);
  });

  test('a process that was suspended beyond its lease changes nothing for the one that took over', {
    timeout: 30_000,
  }, async () => {
    await redis.client.del('runs', 'codes');
    const [holder, other] = await Promise.all([startProcess('waits'), startProcess('ends')]);
    const delivery = await signedDelivery(
      { event: 'TODO_CREATED', currentValue: { id: 'suspended', title: 'T' } },
      { secret },
    );
    const first = post(holder.url, delivery).catch(() => 'cut');
    while ((await redis.client.llen('runs')) === 0) await new Promise(setImmediate);
    holder.child.kill('SIGSTOP');
    expect(await post(other.url, delivery)).toBe(204);
    holder.child.kill('SIGCONT');
    await redis.client.set('go', '1');
    expect([204, 500, 503]).toContain(await first);
    await expect.poll(() => redis.client.lrange('codes', 0, -1)).toContain('LEASE_LOST');
    expect(await post(other.url, delivery)).toBe(204);
    expect(await redis.client.lrange('runs', 0, -1)).toEqual(['1', '2']);
  });
});

describe.skipIf(!hasRedis)(`a Redis cluster${hasRedis ? '' : ' (skipped: redis-server not found)'}`, () => {
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  let ioredis: Cluster;
  let nodeRedis: ReturnType<typeof createCluster>;
  beforeAll(async () => {
    cluster = await startCluster();
    ioredis = new Cluster([...cluster.nodes]);
    nodeRedis = createCluster({
      rootNodes: cluster.nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` })),
    });
    await nodeRedis.connect();
  }, 60_000);
  afterAll(async () => {
    ioredis?.disconnect();
    nodeRedis?.destroy();
    await cluster?.stop();
  });

  test.each(['ioredis', 'node-redis'])(
    'holds the contract with the cluster client of %s, on every node',
    async (name) => {
      let prefixes = 0;
      const client: RedisClient = name === 'ioredis' ? ioredis : (nodeRedis as never);
      for (const { run } of ledgerContract) {
        await run({ create: (options) => redisLedger(client, { ...options, prefix: `${name}-${prefixes++}:` }) });
      }
      const ledger = redisLedger(client, { prefix: `${name}-many:` });
      const states = await Promise.all(
        Array.from({ length: 100 }, async (_, i) => (await ledger.begin(String(i))).state),
      );
      expect(new Set(states)).toEqual(new Set(['new']));
    },
    60_000,
  );
});
