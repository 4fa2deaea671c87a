import { strictEqual } from 'node:assert/strict';
import type { Ledger, LedgerOptions } from '@blue-webhooks/core';

/** How the contract gets at a ledger: an empty one each time, with these options. */
export interface LedgerUnderTest {
  /** An empty ledger with these options, on storage of its own. */
  create(options?: LedgerOptions): Ledger | Promise<Ledger>;
}

/** One promise that every ledger keeps. */
export interface LedgerCase {
  readonly title: string;
  /** Rejects with an AssertionError where the ledger breaks it. */
  run(ledger: LedgerUnderTest): Promise<void>;
}

const id = 'a'.repeat(32);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * What every ledger promises, as cases for any test runner.
 *
 * @example
 * for (const { title, run } of ledgerContract) test(title, () => run({ create: (options) => myLedger(options) }));
 */
export const ledgerContract: readonly LedgerCase[] = [
  {
    title: 'a delivery is new once, and in progress for everybody else',
    async run({ create }) {
      const ledger = await create();
      strictEqual(await ledger.begin(id), 'new');
      strictEqual(await ledger.begin(id), 'in-progress');
      strictEqual(await ledger.begin('b'.repeat(32)), 'new');
    },
  },
  {
    title: 'of many who begin at once, one gets it',
    async run({ create }) {
      const ledger = await create();
      const states = await Promise.all(Array.from({ length: 50 }, () => ledger.begin(id)));
      strictEqual(states.filter((state) => state === 'new').length, 1);
      strictEqual(states.filter((state) => state === 'in-progress').length, 49);
    },
  },
  {
    title: 'a finished delivery is done, whatever comes after',
    async run({ create }) {
      const ledger = await create();
      await ledger.begin(id);
      await ledger.finish(id);
      strictEqual(await ledger.begin(id), 'done');
      await ledger.fail(id);
      strictEqual(await ledger.begin(id), 'done');
    },
  },
  {
    title: 'a failed delivery is new again, and its attempts are counted',
    async run({ create }) {
      const ledger = await create();
      for (let attempt = 1; attempt <= 5; attempt++) {
        strictEqual(await ledger.begin(id), 'new');
        if (ledger.attempts) strictEqual(await ledger.attempts(id), attempt);
        strictEqual(await ledger.fail(id), attempt);
      }
      strictEqual(await ledger.fail('never begun'), 0);
    },
  },
  {
    title: 'the lease of a holder that has crashed expires, and its attempt counts',
    async run({ create }) {
      const ledger = await create({ leaseMs: 50 });
      strictEqual(await ledger.begin(id), 'new');
      strictEqual(await ledger.begin(id), 'in-progress');
      await pause(80);
      strictEqual(await ledger.begin(id), 'new');
      strictEqual(await ledger.fail(id), 2);
    },
  },
  {
    title: 'a delivery is forgotten in the end',
    async run({ create }) {
      const ledger = await create({ ttlMs: 50, leaseMs: 20 });
      await ledger.begin(id);
      await ledger.finish(id);
      await pause(80);
      strictEqual(await ledger.begin(id), 'new');
    },
  },
  {
    title: 'ids are names, whatever they are called',
    async run({ create }) {
      const ledger = await create();
      for (const name of ['__proto__', 'constructor', 'a:lease', '{a}', '']) {
        strictEqual(await ledger.begin(name), 'new');
        await ledger.finish(name);
        strictEqual(await ledger.begin(name), 'done');
      }
    },
  },
];
