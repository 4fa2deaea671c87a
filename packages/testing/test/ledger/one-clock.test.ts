import { createReceiver, type Ledger, memoryLedger, type Outcome, type RawDelivery } from '@blue-webhooks/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { asProcess } from './as-process';
import { rawDelivery, secret } from './raw-delivery';

// On fake timers: whether a response is sent in time must not depend on the load of the machine.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = () => new Promise<never>(() => {});
const takes = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));
const fails = () => {
  throw new Error('always');
};

/** The ledger with some of its functions replaced. */
const withCalls = (ledger: Ledger, calls: Partial<Ledger>): Ledger => ({ ...ledger, ...calls });

/** Returns the response within this number of milliseconds. */
async function answeredWithin(ms: number, ...answers: Promise<Outcome>[]): Promise<(number | 'no answer')[]> {
  const statuses = answers.map((): number | 'no answer' => 'no answer');
  for (const [i, answer] of answers.entries()) void answer.then(({ status }) => (statuses[i] = status));
  await vi.advanceTimersByTimeAsync(ms);
  return statuses;
}

/** A body whose last bytes arrive after this number of milliseconds. */
const arriving = (raw: RawDelivery, ms: number): RawDelivery => ({
  ...raw,
  body: (sink) => {
    const timer = setTimeout(() => {
      sink.chunk(raw.body as Uint8Array);
      sink.end();
    }, ms);
    return () => clearTimeout(timer);
  },
});

/** A ledger in which three failures of every delivery are counted before its first attempt. */
function afterThreeFailures(ledger: Ledger): Ledger {
  const known = new Set<string>();
  const begin = async (id: string) => {
    if (!known.has(id) && !id.endsWith(':dead-letter')) for (let i = 0; i < 3; i++) await ledger.fail(id);
    known.add(id);
    return ledger.begin(id);
  };
  return withCalls(ledger, { begin });
}

const methods = ['begin', 'renew', 'finish', 'fail', 'release', 'deadLetter'] as const;
const handlers = {
  'handlers that never settle': never,
  'handlers that fail': fails,
  'handlers that end just before the deadline': takes(5_990),
};

describe.each(Object.entries(handlers))('with %s, the response is sent before 6.9 seconds', (_title, handler) => {
  test.each([...methods, 'no function'])('when %s of the ledger hangs, and deadLetter as well', async (method) => {
    const raw = await rawDelivery();
    const ledger = withCalls(afterThreeFailures(memoryLedger()), { [method]: never });
    const other = asProcess(ledger, () => 100);
    const [a, b] = [ledger, other].map((one) =>
      createReceiver({ secret, ledger: one, deadLetter: never }).on('TODO_CREATED', handler),
    );
    const answers = [a?.handle(raw), a?.handle(raw), b?.handle(raw)] as Promise<Outcome>[];
    expect(await answeredWithin(6_899, ...answers)).not.toContain('no answer');
  });

  test.each(methods)('when %s of the ledger hangs, and deadlineMs is the longest', async (method) => {
    const ledger = withCalls(memoryLedger(), { [method]: never });
    const receiver = createReceiver({ secret, ledger, deadlineMs: 6_800 }).on('TODO_CREATED', handler);
    expect(await answeredWithin(6_899, receiver.handle(await rawDelivery()))).not.toContain('no answer');
  });

  test.each(['begin', 'fail', 'no function'])('when the body took 5.9 seconds and %s hangs', async (method) => {
    const raw = arriving(await rawDelivery(), 5_900);
    const ledger = withCalls(afterThreeFailures(memoryLedger()), { [method]: never });
    const receiver = createReceiver({ secret, ledger, deadLetter: never, bodyTimeoutMs: 10_000 }).on(
      'TODO_CREATED',
      handler,
    );
    const answers = [receiver.handle(raw), receiver.handle(raw)];
    expect(await answeredWithin(6_899, ...answers)).not.toContain('no answer');
  });
});

test('a request with a slow body that joins a hanging begin is answered in time', async () => {
  const raw = await rawDelivery();
  const ledger = withCalls(memoryLedger(), { begin: never });
  const receiver = createReceiver({ secret, ledger, bodyTimeoutMs: 10_000 }).on('TODO_CREATED', never);
  const slow = receiver.handle(arriving(raw, 6_500));
  await vi.advanceTimersByTimeAsync(6_450);
  void receiver.handle(raw); // its begin hangs for a second from now
  expect(await answeredWithin(449, slow)).not.toContain('no answer');
});

test.each([100, 1_000, 2_500])(
  'with deadlineMs %i the response is sent 800 ms after it at the latest',
  async (deadlineMs) => {
    const raw = await rawDelivery();
    for (const method of methods) {
      const ledger = withCalls(afterThreeFailures(memoryLedger()), { [method]: never });
      const receiver = createReceiver({ secret, ledger, deadLetter: never, deadlineMs }).on('TODO_CREATED', never);
      expect(await answeredWithin(deadlineMs + 801, receiver.handle(raw))).not.toContain('no answer');
    }
  },
);

test.each([500, 1_000, 6_000])('a ledger that hangs leaves fast handlers enough of %i ms', async (deadlineMs) => {
  const ledger = withCalls(memoryLedger(), { begin: never, finish: never });
  const receiver = createReceiver({ secret, ledger, deadlineMs }).on('TODO_CREATED', takes(50));
  expect(await answeredWithin(6_899, receiver.handle(await rawDelivery()))).toEqual([204]);
});

test('a ledger that fails while another process holds the delivery starts no second run', async () => {
  const raw = await rawDelivery();
  const storage = memoryLedger();
  let runs = 0;
  const handler = () => {
    runs += 1;
    return takes(4_000)();
  };
  const holder = createReceiver({ secret, ledger: asProcess(storage) }).on('TODO_CREATED', handler);
  let begun = 0;
  const flaky = withCalls(storage, {
    begin: (id) => {
      begun += 1;
      if (begun % 2 === 0) throw new Error('down');
      return storage.begin(id);
    },
  });
  const other = createReceiver({ secret, ledger: flaky }).on('TODO_CREATED', handler);
  expect(await answeredWithin(6_000, holder.handle(raw), other.handle(raw))).toEqual([204, 204]);
  expect(runs).toBe(1);
  expect(begun).toBeGreaterThan(3);
});

test('a retry is acknowledged that arrives while the success of its first attempt cannot be recorded', async () => {
  const raw = await rawDelivery();
  let runs = 0;
  const receiver = createReceiver({ secret, ledger: withCalls(memoryLedger(), { finish: never }) }).on(
    'TODO_CREATED',
    () => {
      runs += 1;
    },
  );
  const first = receiver.handle(raw);
  await vi.advanceTimersByTimeAsync(500);
  expect(await answeredWithin(600, first, receiver.handle(raw))).toEqual([204, 204]);
  expect(runs).toBe(1);
});

test.each([100, Number.MAX_SAFE_INTEGER])('a lease of %i ms is renewed, but not continuously', async (leaseMs) => {
  let renewals = 0;
  const ledger = memoryLedger({ leaseMs });
  const watched = withCalls(ledger, {
    renew: (id, token) => {
      renewals += 1;
      return ledger.renew(id, token);
    },
  });
  const receiver = createReceiver({ secret, ledger: watched }).on('TODO_CREATED', takes(3_000));
  expect(await answeredWithin(3_100, receiver.handle(await rawDelivery()))).toEqual([204]);
  expect(renewals).toBeLessThanOrEqual(3_000 / (leaseMs / 3));
  expect(renewals > 0).toBe(leaseMs === 100);
});

test('a slow renewal is followed by the next one, and never overlaps it', async () => {
  let renewing = 0;
  let most = 0;
  const ledger = memoryLedger({ leaseMs: 300 });
  const slow = withCalls(ledger, {
    renew: async (id, token) => {
      renewing += 1;
      most = Math.max(most, renewing);
      await takes(900)();
      renewing -= 1;
      return ledger.renew(id, token);
    },
  });
  const receiver = createReceiver({ secret, ledger: slow }).on('TODO_CREATED', takes(5_000));
  expect(await answeredWithin(5_100, receiver.handle(await rawDelivery()))).toEqual([204]);
  expect(most).toBe(1);
});
