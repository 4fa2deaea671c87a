import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Ledger, LedgerOptions } from '@blue-webhooks/core';

/** The ledger under test: creates an empty one for each case. */
export interface LedgerUnderTest {
  /** Creates an empty ledger with these options, on separate storage. */
  create(options?: LedgerOptions): Ledger | Promise<Ledger>;
}

/** One requirement on every ledger. */
export interface LedgerCase {
  readonly title: string;
  /** Rejects with an AssertionError if the ledger breaks it. */
  run(ledger: LedgerUnderTest): Promise<void>;
}

const id = 'a'.repeat(32);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Begins a delivery that is free. */
async function begin(ledger: Ledger, name = id): Promise<{ readonly token: string; readonly attempt: number }> {
  const answer = await ledger.begin(name);
  strictEqual(answer.state, 'new');
  ok(answer.state === 'new' && typeof answer.token === 'string');
  return answer;
}

const stateOf = async (ledger: Ledger, name = id) => (await ledger.begin(name)).state;

/**
 * The requirements on every ledger, as cases for any test runner.
 *
 * @example
 * for (const { title, run } of ledgerContract) test(title, () => run({ create: (options) => myLedger(options) }));
 */
export const ledgerContract: readonly LedgerCase[] = [
  {
    title: 'a delivery is new once, and in progress for every other caller',
    async run({ create }) {
      const ledger = await create();
      strictEqual((await begin(ledger)).attempt, 1);
      deepStrictEqual(await ledger.begin(id), { state: 'in-progress' });
      strictEqual(await stateOf(ledger, 'b'.repeat(32)), 'new');
    },
  },
  {
    title: 'of many concurrent callers one gets the delivery',
    async run({ create }) {
      const ledger = await create();
      const states = await Promise.all(Array.from({ length: 50 }, () => stateOf(ledger)));
      strictEqual(states.filter((state) => state === 'new').length, 1);
      strictEqual(states.filter((state) => state === 'in-progress').length, 49);
    },
  },
  {
    title: 'a finished delivery is done, whatever comes after',
    async run({ create }) {
      const ledger = await create();
      const { token } = await begin(ledger);
      strictEqual(await ledger.finish(id, token), 'finished');
      deepStrictEqual(await ledger.begin(id), { state: 'done' });
      strictEqual(await ledger.fail(id, token), 'done');
      strictEqual(await ledger.fail(id), 'done');
      strictEqual(await ledger.release(id, token), 'stale');
      strictEqual(await ledger.renew(id, token), 'stale');
      deepStrictEqual(await ledger.begin(id), { state: 'done' });
    },
  },
  {
    title: 'a failure is counted and keeps the lease; a released delivery is new again',
    async run({ create }) {
      const ledger = await create();
      for (let attempt = 1; attempt <= 5; attempt++) {
        const begun = await begin(ledger);
        strictEqual(begun.attempt, attempt);
        strictEqual(await ledger.fail(id, begun.token), attempt);
        strictEqual(await stateOf(ledger), 'in-progress');
        strictEqual(await ledger.release(id, begun.token), 'released');
      }
    },
  },
  {
    title: 'a request whose wait fails is counted without a token, and changes no lease',
    async run({ create }) {
      const ledger = await create();
      const { token } = await begin(ledger);
      strictEqual(await ledger.fail(id), 1);
      strictEqual(await ledger.fail(id), 2);
      strictEqual(await ledger.fail(id, token), 3);
      strictEqual(await ledger.renew(id, token), 'renewed');
      strictEqual(await ledger.finish(id, token), 'finished');
    },
  },
  {
    title: 'concurrent failures are each counted once',
    async run({ create }) {
      const ledger = await create();
      const { token } = await begin(ledger);
      const counts = await Promise.all(
        Array.from({ length: 20 }, (_, i) => ledger.fail(id, i % 2 ? token : undefined)),
      );
      deepStrictEqual(
        counts.map(Number).sort((a, b) => a - b),
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    },
  },
  {
    title: 'the lease of a holder that died lapses, and its attempt counts as a failure',
    async run({ create }) {
      const ledger = await create({ leaseMs: 1_000 });
      const first = await begin(ledger);
      strictEqual(await stateOf(ledger), 'in-progress');
      await pause(1_100);
      const second = await begin(ledger);
      notStrictEqual(second.token, first.token);
      strictEqual(second.attempt, 2);
      strictEqual(await ledger.fail(id, second.token), 2);
    },
  },
  {
    title: 'a holder that died after its failure was counted is not counted twice',
    async run({ create }) {
      const ledger = await create({ leaseMs: 100 });
      const { token } = await begin(ledger);
      strictEqual(await ledger.fail(id, token), 1);
      await pause(150);
      strictEqual((await begin(ledger)).attempt, 2);
    },
  },
  {
    title: 'a renewed lease lasts',
    async run({ create }) {
      const ledger = await create({ leaseMs: 1_000 });
      const { token } = await begin(ledger);
      for (let i = 0; i < 3; i++) {
        await pause(500);
        strictEqual(await ledger.renew(id, token), 'renewed');
        strictEqual(await stateOf(ledger), 'in-progress');
      }
    },
  },
  {
    title: 'a stale token changes nothing, and is reported as stale',
    async run({ create }) {
      const ledger = await create();
      const { token: stale } = await begin(ledger);
      strictEqual(await ledger.release(id, stale), 'released');
      const { token, attempt } = await begin(ledger);
      strictEqual(await ledger.renew(id, stale), 'stale');
      strictEqual(await ledger.fail(id, stale), 'stale');
      strictEqual(await ledger.release(id, stale), 'stale');
      strictEqual(await ledger.finish(id, stale), 'stale');
      strictEqual(await stateOf(ledger), 'in-progress');
      strictEqual(await ledger.fail(id, token), attempt);
      strictEqual(await ledger.finish(id, token), 'finished');
    },
  },
  {
    title: 'a token that was never issued is stale',
    async run({ create }) {
      const ledger = await create();
      strictEqual(await ledger.finish('never begun', 'token'), 'stale');
      strictEqual(await ledger.fail('never begun', 'token'), 'stale');
      strictEqual(await ledger.renew('never begun', 'token'), 'stale');
      strictEqual(await ledger.release('never begun', 'token'), 'stale');
      strictEqual(await stateOf(ledger, 'never begun'), 'new');
    },
  },
  {
    title: 'a dead-lettered delivery is done, even while its holder works; `finish` reports it to the holder',
    async run({ create }) {
      const ledger = await create();
      const { token } = await begin(ledger);
      strictEqual(await ledger.deadLetter(id), 'dead-lettered');
      strictEqual(await stateOf(ledger), 'done');
      strictEqual(await ledger.renew(id, token), 'dead-lettered');
      strictEqual(await ledger.fail(id, token), 'done');
      strictEqual(await ledger.fail(id), 'done');
      strictEqual(await ledger.release(id, token), 'dead-lettered');
      strictEqual(await ledger.finish(id, token), 'dead-lettered');
      strictEqual(await ledger.deadLetter(id), 'dead-lettered');
      strictEqual(await stateOf(ledger), 'done');
    },
  },
  {
    title: 'a finished delivery stays finished when it is moved to the dead letters, and the ledger reports it',
    async run({ create }) {
      const ledger = await create();
      const { token } = await begin(ledger);
      strictEqual(await ledger.finish(id, token), 'finished');
      strictEqual(await ledger.deadLetter(id), 'done');
      strictEqual(await ledger.renew(id, token), 'stale');
      strictEqual(await stateOf(ledger), 'done');
    },
  },
  {
    title: 'a lapsed lease that was not taken is renewed, and its holder finishes',
    async run({ create }) {
      const ledger = await create({ leaseMs: 1_000 });
      const { token } = await begin(ledger);
      await pause(1_100);
      strictEqual(await ledger.renew(id, token), 'renewed');
      strictEqual(await stateOf(ledger), 'in-progress');
      await pause(1_100);
      strictEqual(await ledger.finish(id, token), 'finished');
      strictEqual(await stateOf(ledger), 'done');
    },
  },
  {
    title: 'a holder that returns after its lease was taken changes nothing',
    async run({ create }) {
      const ledger = await create({ leaseMs: 1_000 });
      const { token: stale } = await begin(ledger);
      await pause(1_100);
      const { token } = await begin(ledger);
      strictEqual(await ledger.renew(id, stale), 'stale');
      strictEqual(await ledger.fail(id, stale), 'stale');
      strictEqual(await ledger.release(id, stale), 'stale');
      strictEqual(await ledger.finish(id, stale), 'stale');
      strictEqual(await stateOf(ledger), 'in-progress');
      strictEqual(await ledger.fail(id, token), 2);
      strictEqual(await ledger.finish(id, token), 'finished');
    },
  },
  {
    title: 'of many concurrent callers one gets a lapsed lease, and one failure is counted for its holder',
    async run({ create }) {
      const ledger = await create({ leaseMs: 1_000 });
      await begin(ledger);
      await pause(1_100);
      const answers = await Promise.all(Array.from({ length: 20 }, async () => ledger.begin(id)));
      const taken = answers.filter(({ state }) => state === 'new');
      deepStrictEqual(
        taken.map((answer) => answer.state === 'new' && answer.attempt),
        [2],
      );
    },
  },
  {
    title: 'failures are counted across leases, also while the delivery has no lease',
    async run({ create }) {
      const ledger = await create();
      const first = await begin(ledger);
      strictEqual(await ledger.fail(id, first.token), 1);
      strictEqual(await ledger.fail(id), 2);
      await ledger.release(id, first.token);
      strictEqual(await ledger.fail(id), 3);
      const second = await begin(ledger);
      strictEqual(second.attempt, 4);
      strictEqual(await ledger.fail(id, second.token), 4);
    },
  },
  {
    title: 'its times are those of its options',
    async run({ create }) {
      const ledger = await create({ leaseMs: 1_234, ttlMs: 600_000 });
      strictEqual(ledger.leaseMs, 1_234);
      if (ledger.ttlMs !== undefined) strictEqual(ledger.ttlMs, 600_000);
    },
  },
  {
    title: 'a delivery is forgotten after its time to live',
    async run({ create }) {
      const ledger = await create({ ttlMs: 200, leaseMs: 100 });
      const { token } = await begin(ledger);
      await ledger.finish(id, token);
      await pause(300);
      strictEqual((await begin(ledger)).attempt, 1);
    },
  },
  {
    title: 'ids such as __proto__ are ordinary ids',
    async run({ create }) {
      const ledger = await create();
      for (const name of ['__proto__', 'constructor', 'a', 'a:dead-letter', 'a:lease', '{a}', '']) {
        const { token } = await begin(ledger, name);
        strictEqual(await ledger.finish(name, token), 'finished');
        strictEqual(await stateOf(ledger, name), 'done');
      }
    },
  },
];
