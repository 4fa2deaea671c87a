import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Pause } from '../pauses';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, raw, untilState } from './inbox-under-test';
import { delivery, laneOf } from './new-deliveries';
import { idsOf, lease, leaseOne, type StoreCase, stateOf } from './store-under-test';

const pauseOf = (pause: Partial<Pause> = {}): Pause => ({
  event: undefined,
  webhookId: undefined,
  reason: 'the CRM is down',
  by: undefined,
  since: new Date(),
  ...pause,
});

/** Pauses, as a store keeps them. */
export const storePausing: readonly StoreCase[] = [
  {
    title: 'keeps pauses for every opening, one for each event and webhook, until they are resumed',
    async run({ open }) {
      const [one, other] = [await open(), await open()];
      deepStrictEqual(await one.paused(), []);
      const at = (ms: number) => new Date(Date.now() - 60_000 + ms);
      const all = pauseOf({ since: at(1), by: 'Zoë 😀' });
      const event = pauseOf({ event: 'TODO_MOVED', since: at(2), reason: "it's\ndown" });
      const webhook = pauseOf({ webhookId: 'a', since: at(3) });
      const both = pauseOf({ event: 'TODO_MOVED', webhookId: 'a', since: at(4) });
      for (const pause of [both, webhook, event, all]) await one.pause(pause);
      deepStrictEqual(await other.paused(), [all, event, webhook, both]);
      const replaced = pauseOf({ event: 'TODO_MOVED', reason: 'another', by: 'Ada', since: at(5) });
      await other.pause(replaced);
      deepStrictEqual(await one.paused(), [all, webhook, both, replaced]);
      deepStrictEqual(
        [await other.resume({ event: 'TODO_MOVED' }), await other.resume({ event: 'TODO_MOVED' })],
        [true, false],
      );
      deepStrictEqual([await one.resume({}), await one.resume({ webhookId: 'b' })], [true, false]);
      deepStrictEqual(await one.paused(), [webhook, both]);
    },
  },
  {
    title: 'stores deliveries while everything is paused, leases none, and leases all afterwards',
    async run({ open }) {
      const [store, other] = [await open(), await open()];
      const first = delivery();
      await store.put(first);
      await store.settle(await leaseOne(store), { type: 'retry', error: 'down', retryAt: new Date(Date.now() - 1) });
      await store.pause(pauseOf());
      const second = delivery();
      strictEqual(await store.put(second), 'stored');
      deepStrictEqual([await lease(store), await lease(other)], [[], []]);
      strictEqual((await store.stats()).waiting, 2);
      await other.resume({});
      deepStrictEqual(idsOf(await lease(store)).sort(), [first.id, second.id].sort());
    },
  },
  {
    title: 'leases what is not paused, past any number of paused deliveries, and keeps lanes in order',
    async run({ open }) {
      const store = await open();
      const [head, behind] = laneOf('lane', 2);
      ok(head && behind);
      await store.put(head);
      await store.put({ ...behind, event: 'TODO_DELETED' });
      for (let i = 0; i < 30; i++) await store.put(delivery({ webhookId: i % 2 ? 'noisy' : undefined }));
      const free = [delivery({ event: 'TAG_CREATED', webhookId: undefined }), delivery({ event: 'TAG_CREATED' })];
      const both = delivery({ event: 'TAG_DELETED', webhookId: 'noisy' });
      for (const one of [...free, both]) await store.put(one);
      await store.pause(pauseOf({ event: 'TODO_MOVED' }));
      await store.pause(pauseOf({ event: 'TAG_DELETED', webhookId: 'noisy' }));
      deepStrictEqual(
        idsOf(await lease(store, 2)),
        free.map(({ id }) => id),
      );
      deepStrictEqual(await lease(store), []);
      await store.resume({ event: 'TODO_MOVED' });
      await store.pause(pauseOf({ webhookId: 'noisy' }));
      const leases = await lease(store);
      strictEqual(leases.length, 16);
      strictEqual(leases[0]?.delivery.id, head.id);
      strictEqual(await stateOf(store, behind.id), 'held');
      strictEqual(await store.resume({ webhookId: 'noisy' }), true);
      strictEqual((await lease(store)).length, 15);
      await store.resume({ event: 'TAG_DELETED', webhookId: 'noisy' });
      deepStrictEqual(idsOf(await lease(store)), [both.id]);
    },
  },
  {
    title: 'lets the holder of a lease renew and settle it during a pause, and takes no lapsed lease until it ends',
    async run({ open }) {
      const [holder, other] = [await open(), await open()];
      const [kept, lost] = [delivery(), delivery()];
      for (const one of [kept, lost]) await holder.put(one);
      const [mine] = await lease(holder, 1);
      const [lapsing] = await lease(holder, 1, 60);
      ok(mine && lapsing);
      await other.pause(pauseOf({ event: 'TODO_MOVED' }));
      deepStrictEqual(await holder.renew([mine]), []);
      strictEqual(await holder.settle(mine, { type: 'done' }), true);
      const until = Date.now() + 300;
      while (Date.now() < until) {
        deepStrictEqual(await lease(other), []);
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
      await other.resume({ event: 'TODO_MOVED' });
      const [taken] = await eventually(async () => {
        const leases = await lease(other);
        return leases.length > 0 && leases;
      });
      strictEqual(taken?.delivery.id, lost.id);
    },
  },
];

/** Pauses of an inbox. */
export const inboxPausing: readonly InboxCase[] = [
  {
    title: 'receives and acknowledges deliveries while it is paused, and handles them once it is resumed',
    needsOrder: false,
    async run(subject) {
      const handled: string[] = [];
      const { inbox } = await inboxWith(subject, ({ id }) => void handled.push(id));
      const { inbox: other } = await inboxWith(subject, () => {});
      await inbox.start();
      await other.pause({ reason: 'the CRM is down', by: 'Ada' });
      const [pause, ...more] = await inbox.paused();
      ok(pause && Math.abs(Date.now() - +pause.since) < 60_000);
      deepStrictEqual(
        [{ ...pause, since: 0 }, more],
        [{ event: undefined, webhookId: undefined, reason: 'the CRM is down', by: 'Ada', since: 0 }, []],
      );
      await new Promise((resolve) => setTimeout(resolve, 50)); // the look that was under way has ended
      const sent = [await raw(), await raw()];
      await deliver(inbox, ...sent);
      await new Promise((resolve) => setTimeout(resolve, 150));
      deepStrictEqual([handled, (await inbox.stats()).waiting], [[], 2]);
      strictEqual(await inbox.resume({ event: 'TODO_MOVED' }), false);
      strictEqual(await other.resume(), true);
      strictEqual(await other.resume(), false);
      deepStrictEqual(await inbox.paused(), []);
      for (const { id } of sent) await untilState(inbox, id, 'done');
      deepStrictEqual([...handled].sort(), sent.map(({ id }) => id).sort());
    },
  },
  {
    title: 'lets a running handler end after a pause',
    needsOrder: false,
    async run(subject) {
      let end = () => {};
      let aborted = false;
      const { inbox, events } = await inboxWith(subject, ({ signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        return new Promise<void>((resolve) => {
          end = resolve;
        });
      });
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      await eventually(() => events.some(({ type }) => type === 'started'));
      await inbox.pause({ reason: 'maintenance' });
      await new Promise((resolve) => setTimeout(resolve, 50));
      end();
      await untilState(inbox, sent.id, 'done');
      strictEqual(aborted, false);
      await inbox.resume();
    },
  },
  {
    title: 'pauses one event, or one webhook, and handles the others',
    needsOrder: true,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      await inbox.pause({ event: 'TODO_MOVED', reason: 'the list moves' });
      await inbox.pause({ webhookId: 'staging', reason: 'noise' });
      await inbox.start();
      const moved = await raw();
      const staging = await raw({ event: 'NEW_EVENT', webhook: { id: 'staging' } });
      const free = await raw({ event: 'NEW_EVENT' });
      await deliver(inbox, moved, staging, free);
      await untilState(inbox, free.id, 'done');
      deepStrictEqual(
        (await Promise.all([moved, staging].map(({ id }) => inbox.get(id)))).map((found) => found?.state),
        ['waiting', 'waiting'],
      );
      strictEqual(await inbox.resume({ webhookId: 'staging' }), true);
      await untilState(inbox, staging.id, 'done');
      strictEqual(await inbox.resume({ event: 'TODO_MOVED' }), true);
      await untilState(inbox, moved.id, 'done');
    },
  },
];
