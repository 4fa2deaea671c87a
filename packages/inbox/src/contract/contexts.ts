import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, promptly, raw, untilState } from './inbox-under-test';

const needsOrder = false;

/** What handlers see of the request that received their delivery. */
export const contexts: readonly InboxCase[] = [
  {
    title: 'runs the handlers of first attempts, retries and replays outside the async context of every caller',
    needsOrder,
    async run(subject) {
      const storage = new AsyncLocalStorage<string>();
      const seen: unknown[] = [];
      const { inbox } = await storage.run('creation', () =>
        inboxWith(subject, ({ attempt }) => {
          seen.push(storage.getStore());
          if (attempt === 1) throw new Error('again');
        }),
      );
      await storage.run('start', () => inbox.start());
      const sent = await Promise.all([raw(), raw(), raw()]);
      await Promise.all(sent.map((one, i) => storage.run(`request ${i}`, () => deliver(inbox, one))));
      for (const { id } of sent) await untilState(inbox, id, 'done');
      await storage.run('replay', () => inbox.replay(sent.map(({ id }) => id)));
      await eventually(() => seen.length >= 9);
      deepStrictEqual(new Set(seen), new Set([undefined]));
    },
  },
  {
    title: 'keeps what a handler enters into its async context from all other attempts',
    needsOrder,
    async run(subject) {
      const storage = new AsyncLocalStorage<string>();
      const seen: unknown[] = [];
      const { inbox } = await inboxWith(
        subject,
        ({ id, attempt }) => {
          seen.push(storage.getStore());
          storage.enterWith(id);
          if (attempt === 1) throw new Error('again');
        },
        { retry: promptly },
      );
      await inbox.start();
      for (let i = 0; i < 3; i++) {
        const sent = await raw();
        await deliver(inbox, sent);
        await untilState(inbox, sent.id, 'done');
      }
      deepStrictEqual(seen, Array(6).fill(undefined));
    },
  },
  {
    title: 'passes the trace of the receipt to each attempt, whose result does not depend on the tracing',
    needsOrder,
    async run(subject) {
      const storage = new AsyncLocalStorage<string>();
      const attempts: unknown[] = [];
      const tracing = {
        capture: () => storage.getStore(),
        attempt<T>(
          { trace, attempt, event }: { trace: string | undefined; attempt: number; event: string },
          run: () => Promise<T>,
        ) {
          attempts.push([trace, attempt, event]);
          return attempt === 1 ? run() : Promise.reject(new Error('the tracing is broken'));
        },
      };
      let runs = 0;
      const { inbox } = await inboxWith(
        subject,
        () => {
          runs += 1;
          if (runs === 1) throw new Error('again');
        },
        { tracing, retry: promptly },
      );
      await inbox.start();
      const sent = await raw();
      await storage.run('receipt 1', () => deliver(inbox, sent));
      const { trace } = await untilState(inbox, sent.id, 'done');
      strictEqual(trace, 'receipt 1');
      deepStrictEqual(attempts, [
        ['receipt 1', 1, 'TODO_MOVED'],
        ['receipt 1', 2, 'TODO_MOVED'],
      ]);
      strictEqual(runs, 2);
    },
  },
];
