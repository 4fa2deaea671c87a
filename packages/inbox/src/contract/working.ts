import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { UnrecoverableError } from '@blue-webhooks/core';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, promptly, raw, untilState } from './inbox-under-test';

const needsOrder = false;
const moved = (id: string) => raw({ currentValue: { id, title: 'T' } });

/** A handler that runs until `end` is called or its signal aborts. */
function pending() {
  const ends: (() => void)[] = [];
  const signals: AbortSignal[] = [];
  return {
    signals,
    end: () => {
      for (const end of ends.splice(0)) end();
    },
    handler: ({ signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return new Promise<void>((resolve, reject) => {
        ends.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  };
}

/** Attempts, retries, dead letters, and stopping. */
export const working: readonly InboxCase[] = [
  {
    title: 'retries a failing handler until it succeeds',
    needsOrder,
    async run(subject) {
      const attempts: unknown[] = [];
      const { inbox, events } = await inboxWith(subject, ({ attempt }) => {
        attempts.push(attempt);
        if (attempts.length < 3) throw new Error('the database is down');
      });
      const sent = await raw();
      await deliver(inbox, sent);
      await inbox.start();
      const delivery = await untilState(inbox, sent.id, 'done');
      deepStrictEqual(attempts, [1, 2, 3]);
      strictEqual(delivery.attempts, 3);
      const retried = await eventually(() => {
        const found = events.filter((event) => event.type === 'retried');
        return found.length === 2 && found;
      });
      deepStrictEqual(
        retried.map(({ attempt, error }) => [attempt, (error as Error).message]),
        [
          [1, 'the database is down'],
          [2, 'the database is down'],
        ],
      );
      ok(retried.every(({ retryAt }) => Math.abs(+retryAt - Date.now()) < 60_000));
    },
  },
  {
    title:
      'makes a delivery a dead letter after the last attempt, stores what the handler threw, and calls onDeadLetter',
    needsOrder,
    async run(subject) {
      const dead: unknown[] = [];
      const boom = new Error('x'.repeat(5_000));
      const onDeadLetter = (...given: unknown[]) => dead.push(given);
      const { inbox } = await inboxWith(subject, () => Promise.reject(boom), { onDeadLetter });
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      const { attempts, lastError, finishedAt } = await untilState(inbox, sent.id, 'dead');
      strictEqual(attempts, promptly.maxAttempts);
      ok(finishedAt);
      ok(lastError?.startsWith('Error: xxx') && lastError.length <= 1_000);
      const [given] = (await eventually(() => dead.length > 0 && dead)) as [{ id: string }, unknown][];
      deepStrictEqual([given?.[0].id, given?.[1]], [sent.id, boom]);
    },
  },
  {
    title: 'makes a delivery a dead letter at the first UnrecoverableError',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => Promise.reject(new UnrecoverableError('no such customer')));
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      const { attempts, lastError } = await untilState(inbox, sent.id, 'dead');
      deepStrictEqual([attempts, lastError], [1, 'UnrecoverableError: no such customer']);
    },
  },
  {
    title: 'aborts the signal of an attempt that takes too long, which has failed',
    needsOrder,
    async run(subject) {
      const { handler, signals } = pending();
      const retry = { ...promptly, maxAttempts: 1 };
      const { inbox } = await inboxWith(subject, handler, { timeoutMs: 50, retry });
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      const { lastError } = await untilState(inbox, sent.id, 'dead');
      strictEqual(lastError, 'TimeoutError: The handlers were still running after 50 ms.');
      deepStrictEqual(
        signals.map((signal) => [signal.aborted, (signal.reason as Error).name]),
        [[true, 'TimeoutError']],
      );
    },
  },
  {
    title: 'handles as many deliveries concurrently as the concurrency allows, and no more',
    needsOrder,
    async run(subject) {
      const { handler, signals, end } = pending();
      const { inbox } = await inboxWith(subject, handler, { concurrency: 3 });
      const sent = await Promise.all(Array.from({ length: 7 }, (_, i) => moved(`record ${i}`)));
      await deliver(inbox, ...sent);
      await inbox.start();
      for (const [started, active] of [
        [3, 3],
        [6, 3],
        [7, 1],
      ]) {
        await eventually(async () => signals.length === started && (await inbox.stats()).active === active);
        end();
      }
      await eventually(async () => (await inbox.stats()).done === 7);
    },
  },
  {
    title: 'shares the deliveries between two inboxes, and handles each once',
    needsOrder,
    async run(subject) {
      const handled: string[] = [];
      const both = await Promise.all([1, 2].map(() => inboxWith(subject, ({ id }) => void handled.push(id))));
      const sent = await Promise.all(Array.from({ length: 60 }, (_, i) => moved(`record ${i % 7}`)));
      for (const { inbox } of both) await inbox.start();
      const [first, second] = both;
      await Promise.all([
        first && deliver(first.inbox, ...sent.slice(0, 30)),
        second && deliver(second.inbox, ...sent.slice(30)),
      ]);
      await eventually(async () => (await first?.inbox.stats())?.done === 60);
      deepStrictEqual(handled.sort(), sent.map(({ id }) => id).sort());
    },
  },
  {
    title: 'waits for running handlers when it stops, and takes no more deliveries',
    needsOrder,
    async run(subject) {
      const { handler, signals, end } = pending();
      const { inbox } = await inboxWith(subject, handler, { concurrency: 1 });
      const [first, second] = [await raw(), await raw()];
      await inbox.start();
      await deliver(inbox, first);
      await deliver(inbox, second);
      await eventually(() => signals.length === 1);
      const stopped = inbox.stop();
      await new Promise((resolve) => setTimeout(resolve, 50));
      end();
      await stopped;
      deepStrictEqual(
        signals.map(({ aborted }) => aborted),
        [false],
      );
      const { inbox: other } = await inboxWith(subject, () => {});
      deepStrictEqual([(await other.get(first.id))?.state, (await other.get(second.id))?.state], ['done', 'waiting']);
    },
  },
  {
    title: 'aborts a handler that outlasts the stop, and returns its delivery without counting the attempt',
    needsOrder,
    async run(subject) {
      const { handler, signals } = pending();
      const { inbox, events } = await inboxWith(subject, handler);
      const sent = await raw();
      await inbox.start();
      await deliver(inbox, sent);
      await eventually(() => signals.length === 1);
      await inbox.stop({ timeoutMs: 50 });
      ok(signals[0]?.aborted);
      ok(events.some(({ type }) => type === 'returned'));
      const attempts: unknown[] = [];
      const { inbox: other } = await inboxWith(subject, ({ attempt }) => attempts.push(attempt));
      await other.start();
      await untilState(other, sent.id, 'done');
      deepStrictEqual(attempts, [1]);
    },
  },
  {
    title: 'ignores what a hook throws',
    needsOrder,
    async run(subject) {
      const refuse = () => {
        throw new Error('a hook of the user');
      };
      const fail = () => Promise.reject(new UnrecoverableError('no'));
      const { inbox } = await inboxWith(subject, fail, {
        onEvent: refuse,
        onDeadLetter: () => Promise.reject(new Error('no')),
      });
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      await untilState(inbox, sent.id, 'dead');
    },
  },
];
