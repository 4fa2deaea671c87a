import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { UnrecoverableError } from '@blue-webhooks/core';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, promptly, raw, untilState } from './inbox-under-test';

const needsOrder = false;
const hour = 3_600_000;

/** Listing, replaying and pruning. */
export const managing: readonly InboxCase[] = [
  {
    title: 'replays dead letters, with their attempts counted from 1',
    needsOrder,
    async run(subject) {
      const attempts: unknown[] = [];
      let broken = true;
      const { inbox } = await inboxWith(subject, ({ attempt }) => {
        attempts.push(attempt);
        if (broken) throw new UnrecoverableError('broken');
      });
      await inbox.start();
      const sent = [await raw(), await raw(), await raw()];
      await deliver(inbox, ...sent);
      for (const { id } of sent) await untilState(inbox, id, 'dead');
      broken = false;
      strictEqual(await inbox.replay(sent[0]?.id ?? ''), 1);
      await untilState(inbox, sent[0]?.id ?? '', 'done');
      strictEqual(await inbox.replay({ state: 'dead' }), 2);
      for (const { id } of sent) await untilState(inbox, id, 'done');
      deepStrictEqual(attempts, [1, 1, 1, 1, 1, 1]);
      strictEqual(await inbox.replay(['unknown']), 0);
    },
  },
  {
    title: 'runs a delivery that waits for a retry immediately when it is replayed',
    needsOrder,
    async run(subject) {
      let broken = true;
      const { inbox } = await inboxWith(
        subject,
        () => {
          if (broken) throw new Error('broken');
        },
        { retry: { ...promptly, firstDelayMs: hour, maxDelayMs: hour } },
      );
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      const waiting = await eventually(async () => {
        const delivery = await inbox.get(sent.id);
        return delivery?.retryAt && delivery;
      });
      deepStrictEqual([waiting.state, waiting.attempts, waiting.lastError], ['waiting', 1, 'Error: broken']);
      broken = false;
      strictEqual(await inbox.replay(sent.id), 1);
      await untilState(inbox, sent.id, 'done');
    },
  },
  {
    title: 'marks a waiting delivery as dead',
    needsOrder,
    async run(subject) {
      const retry = { ...promptly, firstDelayMs: hour, maxDelayMs: hour };
      const { inbox } = await inboxWith(subject, () => Promise.reject(new Error('broken')), { retry });
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      await eventually(async () => (await inbox.get(sent.id))?.retryAt);
      strictEqual(await inbox.markDead(sent.id), true);
      strictEqual((await untilState(inbox, sent.id, 'dead')).lastError, 'Marked as dead by hand.');
      strictEqual(await inbox.markDead(sent.id), false);
      strictEqual(await inbox.markDead('unknown'), false);
    },
  },
  {
    title: 'lists by state, event, entity and time, newest first, page by page',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      const sent: string[] = [];
      for (let i = 0; i < 9; i++) {
        const one = await raw({
          event: i % 2 ? 'TODO_MOVED' : 'TODO_NAME_CHANGED',
          currentValue: { id: `record ${i % 3}`, title: 'T' },
        });
        await deliver(inbox, one);
        sent.push(one.id);
        await new Promise((resolve) => setTimeout(resolve, 2)); // so that each has a time of its own
      }
      const newest = [...sent].reverse();
      const listed: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await inbox.list({ limit: 4, ...(cursor !== undefined && { cursor }) });
        listed.push(...page.deliveries.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined);
      deepStrictEqual(listed, newest);
      const found = async (query: Parameters<typeof inbox.list>[0]) =>
        (await inbox.list(query)).deliveries.map(({ id }) => id).sort();
      const where = (test: (i: number) => boolean) => sent.filter((_, i) => test(i)).sort();
      deepStrictEqual(
        await found({ event: 'TODO_MOVED' }),
        where((i) => i % 2 === 1),
      );
      deepStrictEqual(
        await found({ entityId: 'record 1' }),
        where((i) => i % 3 === 1),
      );
      const since = (await inbox.get(sent[5] ?? ''))?.receivedAt ?? new Date(0);
      deepStrictEqual(
        await found({ since }),
        where((i) => i >= 5),
      );
      deepStrictEqual(await found({ state: 'dead' }), []);
    },
  },
  {
    title: 'deletes done deliveries when pruned, and still recognises their duplicates',
    needsOrder,
    async run(subject) {
      let runs = 0;
      const { inbox } = await inboxWith(subject, () => {
        runs += 1;
      });
      await inbox.start();
      const [first, second] = [await raw(), await raw()];
      await deliver(inbox, first);
      await untilState(inbox, first.id, 'done');
      strictEqual(await inbox.prune(), 0);
      strictEqual(
        await eventually(async () => (await inbox.prune({ olderThan: new Date(Date.now() + 1) })) || undefined),
        1,
      );
      strictEqual(await inbox.get(first.id), undefined);
      await deliver(inbox, first, second);
      await untilState(inbox, second.id, 'done');
      strictEqual(await inbox.get(first.id), undefined);
      strictEqual(runs, 2);
    },
  },
  {
    title: 'rejects an invalid query, and an invalid selection, with a TypeError',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      for (const query of [
        { state: 'gone' },
        { limit: 0 },
        { limit: 1_001 },
        { since: new Date('never') },
        { event: 1 },
      ]) {
        await rejects(async () => inbox.list(query as never), TypeError);
      }
      for (const selection of [{}, { state: 'gone' }, [1], undefined]) {
        await rejects(async () => inbox.replay(selection as never), TypeError);
      }
    },
  },
];
