import { AsyncLocalStorage } from 'node:async_hooks';
import { createReceiver, type Ledger, memoryLedger, type Outcome, UnrecoverableError } from '@blue-webhooks/core';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asProcess } from './as-process';
import { rawDelivery, secret } from './raw-delivery';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const plan = <T extends string>(...results: T[]) =>
  fc.record({ ms: fc.nat(1_500), result: fc.constantFrom(...results) });

const schedule = fc.record({
  /** When each request arrives, and at which receiver: two share a process, the third has another one. */
  sends: fc.array(fc.record({ at: fc.nat(4_000), receiver: fc.nat(2) }), { minLength: 1, maxLength: 12 }),
  deadlineMs: fc.integer({ min: 20, max: 1_000 }),
  leaseMs: fc.constantFrom(100, 500, 8_000),
  latencyMs: fc.constantFrom(0, 1, 30),
  handlers: fc.array(plan('succeeds', 'fails', 'fails for good'), { minLength: 1, maxLength: 6 }),
  deadLetters: fc.array(plan('resolves', 'rejects'), { minLength: 1, maxLength: 4 }),
});

type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

/** Runs a schedule until everything has settled. */
async function play({ sends, deadlineMs, leaseMs, latencyMs, handlers, deadLetters }: Schedule) {
  const seen = { running: 0, most: 0, successes: 0, final: 0, thrown: 0, dead: 0, handingOver: 0, mostHandingOver: 0 };
  const codes: string[] = [];
  const causes = new Set<unknown>();
  const errors = new Set<unknown>();
  let runs = 0;
  let calls = 0;
  const take = async ({ ms, result }: { ms: number; result: string }) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    const error = result === 'fails for good' ? new UnrecoverableError(result) : new Error(result);
    if (result === 'fails' || result === 'fails for good') errors.add(error);
    if (result === 'fails for good') seen.final += 1;
    if (result !== 'succeeds' && result !== 'resolves') throw error;
  };
  const handler = async () => {
    seen.running += 1;
    seen.most = Math.max(seen.most, seen.running);
    try {
      await take(handlers[runs++ % handlers.length] as (typeof handlers)[0]);
      seen.successes += 1;
    } finally {
      seen.running -= 1;
    }
  };
  /** The request that each call of `deadLetter` belongs to, and when the call ended. */
  const handOvers: { request: number; endedAt: number }[] = [];
  const requests = new AsyncLocalStorage<number>();
  const deadLetter = async () => {
    const handOver = { request: requests.getStore() as number, endedAt: Number.POSITIVE_INFINITY };
    handOvers.push(handOver);
    seen.handingOver += 1;
    seen.mostHandingOver = Math.max(seen.mostHandingOver, seen.handingOver);
    try {
      await take({ ...(deadLetters[calls++ % deadLetters.length] as (typeof deadLetters)[0]) });
      seen.dead += 1;
    } finally {
      handOver.endedAt = Date.now();
      seen.handingOver -= 1;
    }
  };
  const storage = memoryLedger({ leaseMs });
  const here: Ledger = asProcess(storage, () => latencyMs);
  const receivers = [here, here, asProcess(storage, () => latencyMs)].map((ledger) =>
    createReceiver({
      secret,
      ledger,
      deadLetter,
      deadlineMs,
      onFailure: ({ code, cause }) => {
        codes.push(code);
        causes.add(cause);
      },
    }).on('TODO_CREATED', handler),
  );
  const answers: { request: number; sentAt: number; answeredAt: number; outcome: Outcome }[] = [];
  const raw = await rawDelivery();
  for (const [request, { at, receiver }] of sends.entries()) {
    setTimeout(async () => {
      const sentAt = Date.now();
      const outcome = (await requests.run(request, () => receivers[receiver]?.handle(raw))) as Outcome;
      answers.push({ request, sentAt, answeredAt: Date.now(), outcome });
    }, at);
  }
  await vi.advanceTimersByTimeAsync(60_000);
  const outlastsItsLease = handOvers.some(({ request, endedAt }) => {
    const answer = answers.find((one) => one.request === request);
    return answer !== undefined && endedAt >= answer.answeredAt + leaseMs;
  });
  return { ...seen, codes, causes, errors, answers, outlastsItsLease };
}

/** Its second call of `deadLetter` ends after its response, just before the lease of that response lapses. */
const endsWithinItsLastLease: Schedule = {
  sends: [2, 0, 267, 0, 0, 0].map((at) => ({ at, receiver: 0 })),
  deadlineMs: 20,
  leaseMs: 100,
  latencyMs: 0,
  handlers: [
    { ms: 0, result: 'fails' },
    { ms: 0, result: 'succeeds' },
  ],
  deadLetters: [
    { ms: 587, result: 'rejects' },
    { ms: 265, result: 'resolves' },
    { ms: 0, result: 'resolves' },
  ],
};

/** A retry succeeds after the response to the 4th failure was sent, while `deadLetter` still runs. */
const succeedsDuringHandOver: Schedule = {
  ...endsWithinItsLastLease,
  sends: [0, 802, 0, 0, 0].map((at) => ({ at, receiver: 0 })),
  deadLetters: [
    { ms: 822, result: 'resolves' },
    { ms: 0, result: 'resolves' },
  ],
};

/** Two milliseconds before a response must be sent, its request could still acquire the lease of `deadLetter`. */
const littleTimeLeft: Schedule = {
  sends: [
    { at: 1_090, receiver: 2 },
    { at: 8, receiver: 1 },
    { at: 5, receiver: 0 },
    { at: 2_129, receiver: 0 },
    { at: 0, receiver: 0 },
    { at: 3_129, receiver: 0 },
    { at: 2_292, receiver: 0 },
    { at: 1_600, receiver: 2 },
  ],
  deadlineMs: 855,
  leaseMs: 500,
  latencyMs: 1,
  handlers: [{ ms: 73, result: 'fails' }],
  deadLetters: [997, 986, 861].map((ms) => ({ ms, result: 'rejects' })),
};

test('whatever the schedule, no delivery is handled twice at the same time, twice with success, or dead-lettered twice', async () => {
  const property = fc.asyncProperty(schedule, async (input) => {
    const played = await play(input);
    fc.pre(!played.outlastsItsLease); // a call that still runs leaseMs after its answer may be made again
    expect(played.answers).toHaveLength(input.sends.length);
    expect(played.most).toBeLessThanOrEqual(1);
    expect(played.mostHandingOver).toBeLessThanOrEqual(1);
    expect(played.successes + played.final).toBeLessThanOrEqual(1);
    expect(played.dead).toBeLessThanOrEqual(1);
    for (const { sentAt, answeredAt } of played.answers) {
      expect(answeredAt - sentAt).toBeLessThanOrEqual(input.deadlineMs + 800 + 30);
    }
    // Every error that a handler threw was reported as a cause, and both results of one delivery as such.
    for (const error of played.errors) if (played.dead === 0) expect(played.causes).toContain(error);
    const handledAfter = played.codes.filter((code) => code === 'HANDLED_AFTER_DEAD_LETTER').length;
    if (played.final === 0) expect(handledAfter).toBe(played.successes === 1 && played.dead === 1 ? 1 : 0);
    expect(played.codes).not.toContain('LEASE_LOST');
    expect(played.codes).not.toContain('LEDGER_FAILED');
    // A delivery that was handled or moved to the dead letters is acknowledged when it is sent afterwards.
    const acknowledged = played.answers.filter(({ outcome }) => outcome.status === 204);
    const firstAcknowledged = Math.min(...acknowledged.map(({ answeredAt }) => answeredAt));
    for (const { sentAt, outcome } of played.answers) if (sentAt > firstAcknowledged) expect(outcome.status).toBe(204);
  });
  await fc.assert(property, {
    numRuns: 300,
    examples: [[endsWithinItsLastLease], [succeedsDuringHandOver], [littleTimeLeft]],
  });
}, 120_000);

test('a delivery whose attempts do not overlap is answered 2xx at its 4th attempt at the latest, if deadLetter resolves', async () => {
  const property = fc.asyncProperty(schedule, async (input) => {
    const sends = [0, 1, 2, 3, 4].map((i) => ({ at: i * 3_000, receiver: input.sends[i]?.receiver ?? 0 }));
    const played = await play({ ...input, sends, deadLetters: [{ ms: 10, result: 'resolves' }] });
    const statuses = played.answers.map(({ outcome }) => outcome.status);
    expect(statuses.slice(3)).toEqual([204, 204]);
  });
  await fc.assert(property, { numRuns: 100 });
}, 120_000);
