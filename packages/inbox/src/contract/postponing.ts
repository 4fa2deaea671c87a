import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { createReceiver } from '@blue-webhooks/core';
import { RetryLater } from '../retry-later';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, promptly, raw, secret, untilState } from './inbox-under-test';
import { laneOf } from './new-deliveries';
import { lease, leaseOne, type StoreCase } from './store-under-test';

/** The settlement `postponed`. */
export const storePostponing: readonly StoreCase[] = [
  {
    title: 'keeps a postponed delivery, and its lane, until its time, without counting the attempt',
    async run({ open }) {
      const store = await open();
      const [first, second] = laneOf('postponed', 2);
      ok(first && second);
      for (const one of [first, second]) await store.put(one);
      const failed = { type: 'retry', error: 'Error: down', retryAt: new Date(Date.now() - 1) } as const;
      await store.settle(await leaseOne(store), failed);
      const until = new Date(Date.now() + 2_000);
      const held = await leaseOne(store);
      strictEqual(await store.settle(held, { type: 'postponed', until }), true);
      strictEqual(await store.settle(held, { type: 'done' }), false);
      const { state, attempts, retryAt, lastError, finishedAt } = (await store.get(first.id)) ?? {};
      deepStrictEqual(
        [state, attempts, retryAt, lastError, finishedAt],
        ['waiting', 1, until, 'Error: down', undefined],
      );
      deepStrictEqual(await lease(store), []);
      const [again] = await eventually(async () => Date.now() > +until && lease(store));
      deepStrictEqual([again?.delivery.id, again?.delivery.attempts], [first.id, 2]);
      ok(again && (await store.settle(again, { type: 'done' })));
      strictEqual((await leaseOne(store)).delivery.id, second.id);
    },
  },
];

/** Handlers that throw `RetryLater`. */
export const inboxPostponing: readonly InboxCase[] = [
  {
    title: 'runs a delivery again after RetryLater, as the same attempt, and reports no failure',
    needsOrder: false,
    async run(subject) {
      const attempts: unknown[] = [];
      const failures: unknown[] = [];
      const later = () => {
        if (attempts.length <= promptly.maxAttempts) throw new RetryLater({ afterMs: 60, reason: 'rate limited' });
      };
      const receiver = createReceiver({ secret, onFailure: (error) => failures.push(error) }).on(
        'TODO_MOVED',
        (_event, { attempt }) => {
          attempts.push(attempt);
          later();
        },
      );
      const { inbox, events } = await inboxWith(subject, later, { receiver });
      const sent = await raw();
      await deliver(inbox, sent);
      await inbox.start();
      const postponed = await eventually(() => events.find((event) => event.type === 'postponed'));
      strictEqual((postponed.error as Error).message, 'rate limited');
      ok(+postponed.until <= Date.now() + 60);
      const { attempts: counted, lastError } = await untilState(inbox, sent.id, 'done');
      deepStrictEqual(attempts, [1, 1, 1, 1]);
      deepStrictEqual([counted, lastError, failures], [1, undefined, []]);
      const types = events.map(({ type }) => type).filter((type) => type === 'postponed' || type === 'retried');
      deepStrictEqual(types, ['postponed', 'postponed', 'postponed']);
    },
  },
  {
    title: 'shows when a postponed delivery is due, and runs it immediately when it is replayed',
    needsOrder: false,
    async run(subject) {
      let limited = true;
      const { inbox } = await inboxWith(subject, () => {
        if (limited) throw new RetryLater({ afterMs: 3_600_000 });
      });
      const sent = await raw();
      await deliver(inbox, sent);
      await inbox.start();
      const waiting = await eventually(async () => {
        const delivery = await inbox.get(sent.id);
        return delivery?.retryAt && delivery.state === 'waiting' && delivery;
      });
      strictEqual(waiting.attempts, 0);
      ok(Math.abs(Number(waiting.retryAt) - Date.now() - 3_600_000) < 60_000);
      limited = false;
      strictEqual(await inbox.replay(sent.id), 1);
      await untilState(inbox, sent.id, 'done');
    },
  },
  {
    title: 'counts an attempt in which one handler postpones and another fails',
    needsOrder: false,
    async run(subject) {
      const runs: string[] = [];
      const receiver = createReceiver({ secret })
        .on('TODO_MOVED', { name: 'limited' }, () => {
          runs.push('limited');
          if (runs.length < 3) throw new RetryLater({ afterMs: 3_600_000 });
        })
        .on('TODO_MOVED', { name: 'broken' }, () => {
          runs.push('broken');
          if (runs.length < 3) throw new Error('down');
        });
      const { inbox } = await inboxWith(subject, () => {}, { receiver });
      const sent = await raw();
      await deliver(inbox, sent);
      await inbox.start();
      const { attempts } = await untilState(inbox, sent.id, 'done');
      deepStrictEqual([attempts, runs], [2, ['limited', 'broken', 'limited', 'broken']]);
    },
  },
];
