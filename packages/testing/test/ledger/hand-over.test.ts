import { inspect } from 'node:util';
import {
  createReceiver,
  type Ledger,
  memoryLedger,
  type ReceiverOptions,
  UnrecoverableError,
} from '@blue-webhooks/core';
import { describe, expect, test } from 'vitest';
import { asProcess } from './as-process';
import { endable, settled } from './endable';
import { rawDelivery, secret } from './raw-delivery';

const never = () => new Promise<never>(() => {});
const fails = () => {
  throw new Error('always');
};

/** A receiver that records its reports. */
function watched(options: Partial<ReceiverOptions>, handler: () => unknown = fails) {
  const codes: string[] = [];
  const receiver = createReceiver({ secret, onFailure: ({ code }) => codes.push(code), ...options }).on(
    'TODO_CREATED',
    handler,
  );
  return { receiver, codes };
}

/** Adds earlier failures of a delivery to the ledger. */
async function afterFailures(ledger: Ledger, count: number): Promise<Awaited<ReturnType<typeof rawDelivery>>> {
  const raw = await rawDelivery();
  const { receiver } = watched({ ledger });
  for (let i = 0; i < count; i++) expect((await receiver.handle(raw)).status).toBe(500);
  return raw;
}

describe.concurrent('deadLetter', () => {
  test.each([
    ['two receivers that share a ledger', (ledger: Ledger) => ledger],
    ['two processes that share a ledger', (ledger: Ledger) => asProcess(ledger, () => Math.random() * 10)],
  ])('is called once by %s, whose requests fail together', async (_title, share) => {
    let calls = 0;
    const ledger = memoryLedger();
    const deadLetter = async () => {
      calls += 1;
      await settled(50);
    };
    const receivers = [1, 2].map(() => watched({ ledger: share(ledger), deadLetter }).receiver);
    const raw = await afterFailures(ledger, 2);
    const outcomes = await Promise.all([...receivers, ...receivers, ...receivers].map(({ handle }) => handle(raw)));
    expect(calls).toBe(1);
    expect(outcomes.some(({ status }) => status === 204)).toBe(true);
    expect(await receivers[0]?.handle(raw)).toMatchObject({ status: 204, duplicate: true });
    expect(calls).toBe(1);
  });

  test('is called again at the next failure if it never settles', async () => {
    let calls = 0;
    const ledger = memoryLedger({ leaseMs: 100 });
    const { receiver, codes } = watched({
      ledger,
      deadlineMs: 50,
      deadLetter: () => {
        calls += 1;
        return calls === 1 ? never() : undefined;
      },
    });
    const raw = await afterFailures(ledger, 3);
    expect((await receiver.handle(raw)).status).toBe(500);
    expect(codes).toEqual(['HANDLER_FAILED', 'DEAD_LETTER_FAILED']);
    expect((await receiver.handle(raw)).status).toBe(204);
    expect(calls).toBe(2);
  });

  test('is not called again if it resolves after the response', async () => {
    let resolve: () => void = () => {};
    let calls = 0;
    const ledger = memoryLedger();
    const { receiver } = watched({
      ledger,
      deadlineMs: 50,
      deadLetter: () => {
        calls += 1;
        return new Promise<void>((done) => {
          resolve = done;
        });
      },
    });
    const raw = await afterFailures(ledger, 3);
    expect((await receiver.handle(raw)).status).toBe(500);
    resolve();
    await settled();
    expect(await receiver.handle(raw)).toMatchObject({ status: 204, duplicate: true });
    expect(calls).toBe(1);
  });

  test('is not called by a request that fails while an earlier call still runs', async () => {
    let calls = 0;
    const ledger = memoryLedger();
    const options = {
      ledger,
      deadLetter: async () => {
        calls += 1;
        await settled(200);
      },
    };
    const raw = await afterFailures(ledger, 3);
    const [a, b] = [watched(options), watched({ ...options, ledger: asProcess(ledger), deadlineMs: 30 })];
    const first = a.receiver.handle(raw);
    await settled();
    expect(await b.receiver.handle(raw)).toMatchObject({ status: 204, duplicate: true });
    expect(await first).toMatchObject({ status: 204, code: 'HANDLER_FAILED', duplicate: false });
    expect(calls).toBe(1);
  });

  test('that rejects after the response is reported with its reason', async () => {
    let reject: (error: unknown) => void = () => {};
    const reasons: unknown[] = [];
    const ledger = memoryLedger();
    const receiver = createReceiver({
      secret,
      ledger,
      deadlineMs: 50,
      deadLetter: () =>
        new Promise((_, no) => {
          reject = no;
        }),
      onFailure: ({ code, cause }) => code === 'DEAD_LETTER_FAILED' && reasons.push((cause as Error).message),
    }).on('TODO_CREATED', fails);
    const raw = await afterFailures(ledger, 3);
    expect((await receiver.handle(raw)).status).toBe(500);
    reject(new Error('the queue is full'));
    await settled();
    expect(reasons).toEqual([
      'Error: deadLetter did not settle before the answer had to leave.',
      'Error: the queue is full',
    ]);
  });

  test("reports its driver's error without the arguments, and so without the body", async () => {
    const reports: unknown[] = [];
    const ledger = memoryLedger();
    const receiver = createReceiver({
      secret,
      ledger,
      deadLetter: ({ rawBody }) => {
        throw Object.assign(new Error('READONLY'), { command: { name: 'rpush', args: ['dead', rawBody] } });
      },
      onFailure: (error) => reports.push(error),
    }).on('TODO_CREATED', fails);
    const raw = await afterFailures(ledger, 3);
    expect((await receiver.handle(raw)).status).toBe(500);
    const printed = inspect(reports, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(printed).toContain('READONLY');
    expect(printed).not.toContain('TODO_CREATED');
  });

  test.each(['begin', 'deadLetter', 'finish'] as const)(
    'is acknowledged, or not called at all, when the ledger fails at %s',
    async (method) => {
      let calls = 0;
      const ledger = memoryLedger();
      const raw = await afterFailures(ledger, 3);
      let begun = 0;
      const broken = {
        ...ledger,
        [method]: (id: string, token: string) => {
          begun += 1;
          if (method === 'begin' && begun === 1) return ledger.begin(id);
          throw new Error(`down ${token}`);
        },
      };
      const { receiver, codes } = watched({
        ledger: broken,
        deadLetter: () => {
          calls += 1;
        },
      });
      const { status } = await receiver.handle(raw);
      expect([status, calls]).toEqual(method === 'begin' ? [500, 0] : [204, 1]);
      expect(codes).toEqual(['HANDLER_FAILED', 'LEDGER_FAILED']);
    },
  );

  test('is not called for a delivery that was handled without the ledger, although its failure counts', async () => {
    let calls = 0;
    const ledger = memoryLedger();
    const raw = await afterFailures(ledger, 3);
    const options = {
      deadLetter: () => {
        calls += 1;
      },
    };
    let begun = 0;
    const begin = (id: string) => {
      begun += 1;
      if (begun === 1) throw new Error('down');
      return ledger.begin(id);
    };
    const { receiver, codes } = watched({ ...options, ledger: { ...ledger, begin } });
    expect((await receiver.handle(raw)).status).toBe(500);
    expect([calls, codes]).toEqual([0, ['LEDGER_FAILED', 'HANDLER_FAILED']]);
    expect((await receiver.handle(raw)).status).toBe(204);
    expect(calls).toBe(1);
  });

  test('is refused with a deadline that leaves no time for it', () => {
    const options = { secret, ledger: memoryLedger(), deadLetter: () => {} };
    expect(() => createReceiver({ ...options, deadlineMs: 6_001 })).toThrow('deadlineMs must be at most 6000');
    createReceiver({ ...options, deadlineMs: 6_000 });
  });
});

describe.concurrent('handlers that still run when their delivery is moved to the dead letters', () => {
  test('report that they succeeded while deadLetter ran, once', async () => {
    const { runs, handler } = endable();
    const ledger = memoryLedger();
    const raw = await afterFailures(ledger, 3);
    const { receiver, codes } = watched({ ledger, deadlineMs: 30, deadLetter: () => settled(80) }, handler);
    const answer = receiver.handle(raw);
    await settled(60);
    runs[0]?.succeed();
    expect((await answer).status).toBe(204);
    await settled();
    expect(codes).toEqual(['DEADLINE_EXCEEDED', 'HANDLED_AFTER_DEAD_LETTER']);
    expect(await receiver.handle(raw)).toMatchObject({ status: 204, duplicate: true });
    expect(runs).toHaveLength(1);
  });

  /** A process that runs the handlers, and another one whose requests fail until it calls deadLetter. */
  async function twoProcesses() {
    const { runs, handler } = endable();
    let dead = 0;
    const storage = memoryLedger({ leaseMs: 150 });
    const options = {
      deadlineMs: 30,
      deadLetter: () => {
        dead += 1;
      },
    };
    const holder = watched({ ...options, ledger: asProcess(storage) }, handler);
    const other = watched({ ...options, ledger: asProcess(storage) }, handler);
    const raw = await rawDelivery();
    const statuses = [(await holder.receiver.handle(raw)).status];
    for (let i = 0; i < 4; i++) statuses.push((await other.receiver.handle(raw)).status);
    expect(statuses).toEqual([503, 409, 409, 204, 204]);
    expect([dead, runs.length]).toEqual([1, 1]);
    return { run: runs[0], runs, holder, other, raw };
  }

  test('in another process report that they succeeded, and no lost lease', async () => {
    const { run, runs, holder, raw } = await twoProcesses();
    await settled(200); // a renewal finds out
    run?.succeed();
    await settled();
    expect(holder.codes).toEqual(['DEADLINE_EXCEEDED', 'HANDLED_AFTER_DEAD_LETTER']);
    expect(await holder.receiver.handle(raw)).toMatchObject({ status: 204, duplicate: true });
    expect(runs).toHaveLength(1);
  });

  test('in another process report it without a renewal in between', async () => {
    const { run, holder } = await twoProcesses();
    run?.succeed();
    await settled();
    expect(holder.codes).toEqual(['DEADLINE_EXCEEDED', 'HANDLED_AFTER_DEAD_LETTER']);
  });

  test.each([
    ['an error', () => new Error('late')],
    ['an UnrecoverableError', () => new UnrecoverableError('late')],
  ])('in another process report %s with its own type', async (_title, createError) => {
    const { run, holder, runs, other, raw } = await twoProcesses();
    run?.fail(createError());
    await settled(200);
    expect(holder.codes).toEqual(['DEADLINE_EXCEEDED', 'HANDLER_FAILED']);
    expect(await other.receiver.handle(raw)).toMatchObject({ status: 204, duplicate: true });
    expect(runs).toHaveLength(1);
  });

  test('in another process report that they succeeded between the 4th failure and the end of deadLetter', async () => {
    const { runs, handler } = endable();
    const storage = memoryLedger();
    const options = { deadlineMs: 30, deadLetter: () => settled(100) };
    const holder = watched({ ...options, ledger: asProcess(storage) }, handler);
    const other = watched({ ...options, ledger: asProcess(storage) }, handler);
    const raw = await rawDelivery();
    await holder.receiver.handle(raw);
    for (let i = 0; i < 2; i++) await other.receiver.handle(raw);
    const fourth = other.receiver.handle(raw);
    await settled(80);
    runs[0]?.succeed();
    expect((await fourth).status).toBe(204);
    await settled();
    expect([...holder.codes, ...other.codes].filter((code) => code === 'HANDLED_AFTER_DEAD_LETTER')).toHaveLength(1);
  });
});
