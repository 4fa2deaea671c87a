import { createReceiver, type Ledger, memoryLedger, UnrecoverableError, type WebhookError } from '@blue-webhooks/core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createBlueSimulator, createVirtualClock } from '../../src/index';
import { ledgerContract } from '../../src/ledger-contract';
import { endable, settled } from './endable';
import { rawDelivery, secret } from './raw-delivery';

describe.concurrent('the ledger contract on memoryLedger', () => {
  test.each(ledgerContract)('$title', ({ run }) => run({ create: memoryLedger }));
});

describe('memoryLedger', () => {
  const finish = async (ledger: Ledger, id: string) => {
    const answer = await ledger.begin(id);
    if (answer.state === 'new') await ledger.finish(id, answer.token);
  };
  const stateOf = async (ledger: Ledger, id: string) => (await ledger.begin(id)).state;

  test('remembers at most maxEntries, and forgets the oldest', async () => {
    const ledger = memoryLedger({ maxEntries: 3 });
    for (const id of ['1', '2', '3', '4']) await finish(ledger, id);
    expect(await Promise.all(['4', '3', '2', '1'].map((id) => stateOf(ledger, id)))).toEqual([
      'done',
      'done',
      'done',
      'new',
    ]);
  });

  test.each([86_400_001, -86_400_001])(
    'keeps leases and entries when the wall clock jumps by %i ms',
    async (jumpMs) => {
      vi.useFakeTimers({ toFake: ['Date'] });
      onTestFinished(() => void vi.useRealTimers());
      const ledger = memoryLedger();
      await finish(ledger, 'done');
      await ledger.begin('held');
      vi.setSystemTime(Date.now() + jumpMs);
      expect([await stateOf(ledger, 'done'), await stateOf(ledger, 'held')]).toEqual(['done', 'in-progress']);
    },
  );

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

describe.concurrent('a receiver with a ledger', () => {
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

  test('does not run handlers again that have thrown UnrecoverableError', async () => {
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

  test('calls its ledger only if there are handlers to run', async () => {
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

describe.concurrent('a receiver with deadLetter', () => {
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
    const receiver = createReceiver({
      secret,
      ledger: memoryLedger(),
      deadLetter: async () => {
        calls += 1;
        if (calls === 1) throw new Error('down');
      },
      onFailure: ({ code, cause }) => reports.push([code, String(cause)]),
    }).on('TODO_CREATED', () => {
      throw 'always';
    });
    const raw = await rawDelivery();
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await receiver.handle(raw)).status);
    expect(statuses).toEqual([500, 500, 500, 500, 204]);
    expect(reports).toContainEqual(['DEAD_LETTER_FAILED', 'DriverError: Error: down']);
  });

  test('requires a ledger with all its functions and valid times', () => {
    expect(() => createReceiver({ secret, deadLetter: () => {} })).toThrow('requires a ledger');
    expect(() => createReceiver({ secret, ledger: {} as never })).toThrow('ledger.begin must be a function');
    expect(() => createReceiver({ secret, ledger: memoryLedger({ leaseMs: 1 }) })).toThrow(
      'leaseMs must be at least 100',
    );
    expect(() => createReceiver({ secret, ledger: memoryLedger({ ttlMs: 1_000 }) })).toThrow(
      'ttlMs must be at least 600000',
    );
    expect(() => createReceiver({ secret, ledger: memoryLedger(), deadLetter: 'x' as never })).toThrow(TypeError);
  });
});

describe.concurrent('a ledger that is down', () => {
  const hangs = () => new Promise<never>(() => {});
  const broken = {
    throws: () => {
      throw new Error('down');
    },
    rejects: () => Promise.reject(new Error('down')),
    hangs,
    'returns nothing': () => undefined as never,
    'returns nonsense': () => ({ state: 'new' }) as never,
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
    'whose fail returns %s does not move a delivery to the dead letters',
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

describe("an event that always fails under Blue's policy", () => {
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

  test('disables the webhook without deadLetter', async () => {
    expect(await play()).toEqual({ statuses: [500, 500, 500, 500, 500], next: 'missed', enabled: false });
  });

  test('is passed to deadLetter at its 4th failure and acknowledged; other events are delivered', async () => {
    const dead: unknown[] = [];
    const result = await play((delivery, error) => dead.push([delivery, error]));
    expect(result).toEqual({ statuses: [500, 500, 500, 204], next: 'delivered', enabled: true });
    expect(dead).toMatchObject([[{ event: { event: 'TODO_MOVED' }, attempt: 4 }, { code: 'HANDLER_FAILED' }]]);
  });

  test('is acknowledged only if deadLetter resolved', async () => {
    const result = await play(() => Promise.reject(new Error('the queue is down')));
    expect(result).toEqual({ statuses: [500, 500, 500, 500, 500], next: 'missed', enabled: false });
  });
});
