import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, promptly, raw, untilState } from './inbox-under-test';
import { delivery, laneOf } from './new-deliveries';
import { idsOf, lease, leaseOne, type StoreCase, stateOf } from './store-under-test';

const hour = 3_600_000;
const needsOrder = false;

/** Erasing from a store. */
export const storeErasing: readonly StoreCase[] = [
  {
    title: 'erases the deliveries of an entity in every state, and no others, and recognises their duplicates',
    async run({ open }) {
      const store = await open();
      const about = (entityId: string) => ['done', 'dead', 'retry', 'active'].map(() => delivery({ entityId }));
      const [erased, kept] = [about('erased'), about('kept')];
      for (const one of [...erased, ...kept]) await store.put(one);
      for (const [place, held] of (await lease(store)).entries()) {
        if (place % 4 === 0) await store.settle(held, { type: 'done' });
        if (place % 4 === 1) await store.settle(held, { type: 'dead', error: 'no such list' });
        const retryAt = new Date(Date.now() + hour);
        if (place % 4 === 2) await store.settle(held, { type: 'retry', error: 'down', retryAt });
      }
      for (const entityId of ['erased', 'kept']) await store.put(delivery({ entityId })); // still waiting
      deepStrictEqual(await store.erase({ entityId: 'erased' }), { erased: 5, active: 1 });
      deepStrictEqual((await store.list({ entityId: 'erased' })).deliveries, []);
      for (const { id } of erased) strictEqual(await store.get(id), undefined);
      for (const one of erased) strictEqual(await store.put(one), 'duplicate');
      deepStrictEqual(await Promise.all(kept.map(({ id }) => stateOf(store, id))), [
        ...['done', 'dead', 'waiting', 'active'],
      ]);
      const { oldestWaitingMs: _, ...counts } = await store.stats();
      deepStrictEqual(counts, { held: 0, waiting: 2, active: 1, done: 1, skipped: 0, dead: 1, limits: [] });
      deepStrictEqual(await store.erase({ entityId: 'erased' }), { erased: 0, active: 0 });
    },
  },
  {
    title: 'loses the lease of a delivery that is erased, and lets the next of its lane wait',
    async run({ open }) {
      const store = await open();
      const [first, second, third] = laneOf('lane', 3) as [
        ReturnType<typeof delivery>,
        ...ReturnType<typeof delivery>[],
      ];
      for (const one of [first, second, third]) if (one) await store.put(one);
      const held = await leaseOne(store);
      deepStrictEqual(await store.erase({ ids: [first.id] }), { erased: 1, active: 1 });
      deepStrictEqual(await store.renew([held]), [held]);
      strictEqual(await store.recordHandled(held, ['crm']), false);
      strictEqual(await store.settle(held, { type: 'dead', error: 'too late' }), false);
      strictEqual(await store.get(first.id), undefined);
      deepStrictEqual(idsOf(await lease(store)), [second?.id]);
    },
  },
  {
    title: 'erases what fulfils every condition: ids, an entity, a webhook',
    async run({ open }) {
      const store = await open();
      const of = (entityId: string, webhookId: string) => delivery({ entityId, webhookId });
      const [a1, a2, b1, b2] = [of('a', '1'), of('a', '2'), of('b', '1'), of('b', '2')];
      for (const one of [a1, a2, b1, b2]) await store.put(one);
      deepStrictEqual(await store.erase({ ids: [a1.id, b1.id, 'unknown'], entityId: 'a' }), { erased: 1, active: 0 });
      deepStrictEqual(await store.erase({ entityId: 'a', webhookId: '1' }), { erased: 0, active: 0 });
      deepStrictEqual(await store.erase({ ids: [] }), { erased: 0, active: 0 });
      deepStrictEqual(await store.erase({ webhookId: '2' }), { erased: 2, active: 0 });
      deepStrictEqual(
        (await store.list({})).deliveries.map(({ id }) => id),
        [b1.id],
      );
    },
  },
  {
    title: 'erases more deliveries than one transaction changes',
    async run({ open }) {
      const store = await open();
      await Promise.all(Array.from({ length: 1_200 }, () => store.put(delivery({ entityId: 'large' }))));
      const other = delivery();
      await store.put(other);
      deepStrictEqual(await store.erase({ entityId: 'large' }), { erased: 1_200, active: 0 });
      deepStrictEqual(idsOf(await lease(store)), [other.id]);
    },
  },
];

/** Erasing from an inbox. */
export const inboxErasing: readonly InboxCase[] = [
  {
    title: 'erases the deliveries about an entity that are done, dead or retried, and stores no duplicate of them',
    needsOrder,
    async run(subject) {
      let runs = 0;
      const { inbox } = await inboxWith(
        subject,
        ({ event }) => {
          runs += 1;
          if (event.event === 'UNKNOWN') throw new Error('down');
        },
        { retry: { ...promptly, firstDelayMs: hour, maxDelayMs: hour } },
      );
      await inbox.start();
      const about = { currentValue: { id: 'erased', title: 'Zoë' } };
      const [done, dead, retried] = [
        await raw(about),
        await raw({ ...about, event: 'NEW' }),
        await raw({ ...about, event: 'NEWER' }),
      ];
      const other = await raw();
      await deliver(inbox, done, other);
      await untilState(inbox, done.id, 'done');
      await untilState(inbox, other.id, 'done');
      await deliver(inbox, dead);
      await eventually(async () => (await inbox.get(dead.id))?.retryAt);
      await inbox.markDead(dead.id);
      await untilState(inbox, dead.id, 'dead');
      await deliver(inbox, retried);
      await eventually(async () => (await inbox.get(retried.id))?.retryAt);
      deepStrictEqual(await inbox.erase({ entityId: 'erased' }), { erased: 3, active: 0 });
      for (const { id } of [done, dead, retried]) strictEqual(await inbox.get(id), undefined);
      deepStrictEqual((await inbox.list({ entityId: 'erased' })).deliveries, []);
      strictEqual((await inbox.get(other.id))?.rawBody, other.text);
      const before = runs;
      await deliver(inbox, done, dead, retried);
      strictEqual((await inbox.list({ entityId: 'erased' })).deliveries.length, 0);
      strictEqual(runs, before);
    },
  },
  {
    title: 'discards the result of a handler that runs while its delivery is erased',
    needsOrder,
    async run(subject) {
      let fail = (_error: Error) => {};
      let running = 0;
      const { inbox, events } = await inboxWith(subject, () => {
        running += 1;
        return new Promise((_, reject) => {
          fail = reject;
        });
      });
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      await eventually(() => running === 1);
      deepStrictEqual(await inbox.erase({ id: sent.id }), { erased: 1, active: 1 });
      fail(new Error('Zoë could not be stored'));
      await eventually(() => events.some(({ type }) => type === 'returned'));
      await eventually(async () => (await inbox.get(sent.id)) === undefined);
      deepStrictEqual((await inbox.list()).deliveries, []);
      const results = events.filter(({ type }) => ['succeeded', 'retried', 'dead-letter'].includes(type));
      deepStrictEqual(results, []);
      await deliver(inbox, sent);
      strictEqual(running, 1);
    },
  },
  {
    title: 'erases the deliveries whose body names an entity only with mentions',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      const comment = await raw({ currentValue: { id: 'comment', todo: { id: 'record', title: 'Zoë' } } });
      const [own, other] = [await raw({ currentValue: { id: 'record', title: 'Zoë' } }), await raw({ note: 'record' })];
      const longer = await raw({ note: 'record 2' });
      await deliver(inbox, comment, own, longer);
      deepStrictEqual(await inbox.erase({ entityId: 'record' }), { erased: 1, active: 0 });
      deepStrictEqual(await inbox.erase({ entityId: 'record', mentions: true }), { erased: 1, active: 0 });
      strictEqual(await inbox.get(comment.id), undefined);
      ok(await inbox.get(longer.id));
      await deliver(inbox, other);
      deepStrictEqual(await inbox.erase({ entityId: 'record', mentions: true }), { erased: 1, active: 0 });
    },
  },
  {
    title: 'rejects an erasure without a condition with a TypeError, and erases nothing',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      const sent = await raw();
      await deliver(inbox, sent);
      for (const options of [
        ...[undefined, null, 7, 'x', [], {}, { entityId: undefined }, { entityId: null }, { id: 7 }, { webhookId: {} }],
        ...[{ mentions: true }, { id: sent.id, mentions: true }, { entityId: 'x', mentions: 'yes' }],
      ]) {
        await rejects(async () => inbox.erase(options as never), TypeError);
      }
      ok(await inbox.get(sent.id));
    },
  },
];
