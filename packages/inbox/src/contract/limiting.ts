import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { UnrecoverableError } from '@blue-webhooks/core';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, raw, untilState } from './inbox-under-test';

const needsOrder = true; // not every inbox has limits
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const about = (id: string, event = 'TODO_MOVED') => raw({ event, currentValue: { id, title: 'T' } });
const patient = { maxAttempts: 5, firstDelayMs: 10, maxDelayMs: 20, jitter: 0 } as const;
const byEvent = ({ event }: { event: string }) => (event === 'TODO_MOVED' ? 'moved' : undefined);

/** Limits of an inbox. */
export const inboxLimits: readonly InboxCase[] = [
  {
    title: 'runs as many attempts of a key as its limit allows in all inboxes together, and holds up no other key',
    needsOrder,
    async run(subject) {
      let [running, most] = [0, 0];
      const handled: string[] = [];
      const handler = async ({ id }: { id: string }) => {
        running += 1;
        most = Math.max(most, running);
        await sleep(15);
        running -= 1;
        handled.push(id);
      };
      const limits = [{ key: byEvent, concurrency: 3 }];
      const both = [await inboxWith(subject, handler, { limits }), await inboxWith(subject, handler, { limits })];
      const [first] = both;
      ok(first);
      const sent = await Promise.all(Array.from({ length: 40 }, (_, i) => about(`record ${i}`)));
      await deliver(first.inbox, ...sent);
      for (const { inbox } of both) await inbox.start();
      await eventually(async () => (await first.inbox.stats()).done === 40);
      strictEqual(most, 3);
      deepStrictEqual(new Set(handled), new Set(sent.map(({ id }) => id)));
      ok((await Promise.all(sent.map(({ id }) => first.inbox.get(id)))).every((found) => found?.attempts === 1));
      strictEqual((await first.inbox.stats()).limits.length, 0);
    },
  },
  {
    title: 'leaves what is over a limit waiting without an attempt, keeps its lane in order, and handles all others',
    needsOrder,
    async run(subject) {
      const handled: string[] = [];
      const limits = [
        { key: () => undefined, concurrency: 1 },
        { key: byEvent, perMinute: 2 },
      ];
      const { inbox } = await inboxWith(subject, ({ id }) => void handled.push(id), { limits });
      const moved = [await about('a'), await about('b'), await about('c'), await about('d')];
      const behind = await about('c', 'NEW_EVENT');
      for (const one of [...moved, behind]) await deliver(inbox, one);
      await inbox.start();
      const free = await about('e', 'NEW_EVENT');
      await deliver(inbox, free);
      await untilState(inbox, free.id, 'done');
      await sleep(150);
      deepStrictEqual(new Set(handled), new Set([moved[0]?.id, moved[1]?.id, free.id]));
      const [, , third, fourth] = await Promise.all(moved.map(({ id }) => inbox.get(id)));
      deepStrictEqual(
        [third, fourth].map((found) => [found?.state, found?.attempts, found?.limitKey]),
        [
          ['waiting', 0, 'moved'],
          ['waiting', 0, 'moved'],
        ],
      );
      strictEqual((await inbox.get(behind.id))?.state, 'held');
      const [{ key, lastMinute, opensAt } = { key: '', lastMinute: 0, opensAt: undefined }] = (await inbox.stats())
        .limits;
      deepStrictEqual([key, lastMinute], ['moved', 2]);
      ok(opensAt && +opensAt > Date.now() + 50_000 && +opensAt < Date.now() + 70_000);
    },
  },
  {
    title:
      'opens the breaker of a key after failures in a row, tries one delivery at a time, and closes it after a success',
    needsOrder,
    async run(subject) {
      let up = false;
      let [running, most, calls] = [0, 0, 0];
      const handler = async () => {
        running += 1;
        calls += 1;
        most = Math.max(most, running);
        await sleep(5);
        running -= 1;
        if (!up) throw new Error('down');
      };
      const limits = [{ key: byEvent, breaker: { failures: 3, pauseMs: 100 } }];
      const options = { limits, retry: patient, concurrency: 1 };
      const both = [await inboxWith(subject, handler, options), await inboxWith(subject, handler, options)];
      const [first] = both;
      ok(first);
      const sent = await Promise.all(Array.from({ length: 12 }, (_, i) => about(`record ${i}`)));
      await deliver(first.inbox, ...sent);
      for (const { inbox } of both) await inbox.start();
      const typed = (type: 'breaker-opened' | 'breaker-closed') =>
        both.flatMap(({ events }) => events).filter((event) => event.type === type);
      await eventually(() => typed('breaker-opened').length > 0);
      await sleep(30); // the attempts that ran when it opened have ended
      const [before, at] = [calls, performance.now()];
      most = 0;
      await sleep(1_000);
      const probes = calls - before;
      ok(probes >= 2 && probes <= Math.ceil((performance.now() - at) / 100) + 1, `${probes} probes`);
      strictEqual(most, 1);
      deepStrictEqual(typed('breaker-opened'), [{ type: 'breaker-opened', key: 'moved', failures: 3 }]);
      const { openBreakers } = await first.inbox.health({ timeoutMs: 10_000 });
      deepStrictEqual(
        openBreakers.map(({ key, failures, lastError }) => [key, failures, lastError]),
        [['moved', 3, 'Error: down']],
      );
      ok((openBreakers[0]?.openSince ?? 0) <= new Date());
      up = true;
      await eventually(async () => (await first.inbox.stats()).done === 12);
      deepStrictEqual(typed('breaker-closed'), [{ type: 'breaker-closed', key: 'moved' }]);
      strictEqual(typed('breaker-opened').length, 1);
      strictEqual((await first.inbox.stats()).dead, 0);
      const attempts = await Promise.all(sent.map(async ({ id }) => (await first.inbox.get(id))?.attempts ?? 0));
      ok(attempts.reduce((sum, one) => sum + one - 1, 0) <= 4, `the probes have counted: ${attempts}`);
    },
  },
  {
    title: 'does not open a breaker for an UnrecoverableError, nor for failures with a success in between',
    needsOrder,
    async run(subject) {
      let runs = 0;
      const handler = () => {
        runs += 1;
        if (runs <= 4) throw new UnrecoverableError('no such list');
        if (runs % 2) throw new Error('flaky');
      };
      const limits = [{ key: byEvent, breaker: { failures: 2, pauseMs: 60_000 } }];
      const { inbox, events } = await inboxWith(subject, handler, { limits, concurrency: 1, retry: patient });
      await deliver(inbox, ...(await Promise.all(Array.from({ length: 8 }, (_, i) => about(`record ${i}`)))));
      await inbox.start();
      await eventually(async () => {
        const { dead, done } = await inbox.stats();
        return dead === 4 && done === 4;
      });
      strictEqual(
        events.some(({ type }) => type === 'breaker-opened'),
        false,
      );
    },
  },
  {
    title: 'limits deliveries together whose key cannot be used, and reports that once',
    needsOrder,
    async run(subject) {
      const handled: string[] = [];
      const keys: (() => unknown)[] = [
        () => {
          throw new Error('a key of the user');
        },
        () => 7,
        () => '',
        () => 'a\0b',
      ];
      let place = 0;
      const key = (() => keys[place++ % keys.length]?.()) as () => string;
      const { inbox, events } = await inboxWith(subject, ({ id }) => void handled.push(id), {
        limits: [{ key, perMinute: 3 }],
      });
      await deliver(inbox, ...(await Promise.all(Array.from({ length: 8 }, (_, i) => about(`record ${i}`)))));
      await inbox.start();
      await eventually(async () => handled.length === 3 && (await inbox.stats()).waiting === 5);
      await sleep(100);
      strictEqual(handled.length, 3);
      const reasons = events.flatMap((event) => (event.type === 'warning' ? [event.reason] : []));
      strictEqual(reasons.filter((reason) => reason.includes('limits[0].key')).length, 1);
    },
  },
];
