import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { InboxStore } from '../store';
import { laneOf } from './new-deliveries';
import { idsOf, lease, leaseOne, type StoreCase, stateOf } from './store-under-test';

async function putAll(store: InboxStore, length: number, lane: string): Promise<string[]> {
  const deliveries = laneOf(lane, length);
  for (const one of deliveries) await store.put(one);
  return deliveries.map(({ id }) => id);
}

/** Order within a lane. */
export const lanes: readonly StoreCase[] = [
  {
    title: 'leases only the first delivery of a lane until it is done, skipped or dead',
    async run({ open }) {
      const store = await open();
      const ids = await putAll(store, 4, 'lane');
      const seen: string[] = [];
      for (const type of ['done', 'skipped', 'dead', 'done'] as const) {
        const held = await leaseOne(store);
        seen.push(held.delivery.id);
        deepStrictEqual(await lease(store), []);
        ok(await store.settle(held, type === 'dead' ? { type, error: 'hopeless' } : { type }));
      }
      deepStrictEqual(seen, ids);
    },
  },
  {
    title: 'leases the deliveries of other lanes, and those without a lane, meanwhile',
    async run({ open }) {
      const store = await open();
      const [a] = await putAll(store, 2, 'a');
      const [b] = await putAll(store, 2, 'b');
      const [free] = laneOf('', 1, { lane: undefined });
      ok(free);
      await store.put(free);
      deepStrictEqual(idsOf(await lease(store)), [a, b, free.id]);
    },
  },
  {
    title: 'keeps a lane held while its first delivery waits for a retry or was returned',
    async run({ open }) {
      const store = await open();
      const [first] = await putAll(store, 2, 'lane');
      await store.settle(await leaseOne(store), {
        type: 'retry',
        error: 'down',
        retryAt: new Date(Date.now() + 60_000),
      });
      deepStrictEqual(await lease(store), []);
      strictEqual(await store.replay({ ids: [first ?? ''] }), 1);
      await store.settle(await leaseOne(store), { type: 'returned' });
      strictEqual((await leaseOne(store)).delivery.id, first);
    },
  },
  {
    title: 'keeps the order of a lane with many concurrent takers',
    async run({ open }) {
      const stores = [await open(), await open()];
      const order = new Map<string, string[]>();
      const expected = new Map<string, string[]>();
      for (const lane of ['a', 'b', 'c']) expected.set(lane, await putAll(stores[0] as InboxStore, 10, lane));
      const active = new Set<string>();
      const work = async (store: InboxStore): Promise<void> => {
        for (let left = 1; left > 0; ) {
          for (const held of await lease(store, 2)) {
            const lane = held.delivery.entityId ?? '';
            ok(!active.has(lane), 'two deliveries of one lane are leased concurrently');
            active.add(lane);
            order.set(lane, [...(order.get(lane) ?? []), held.delivery.id]);
            await new Promise(setImmediate);
            active.delete(lane);
            await store.settle(held, { type: 'done' });
          }
          const { waiting, held } = await store.stats();
          left = waiting + held;
        }
      };
      await Promise.all(stores.map(work));
      deepStrictEqual(order, expected);
    },
  },
  {
    title: 'puts a replayed delivery back in its place in its lane',
    async run({ open }) {
      const store = await open();
      const [first = '', second = '', third = ''] = await putAll(store, 3, 'lane');
      await store.settle(await leaseOne(store), { type: 'dead', error: 'down' });
      await store.settle(await leaseOne(store), { type: 'dead', error: 'down' });
      const active = await leaseOne(store);
      strictEqual(active.delivery.id, third);
      strictEqual(await store.replay({ ids: [second, first] }), 2);
      deepStrictEqual(await Promise.all([first, second].map((id) => stateOf(store, id))), ['held', 'held']);
      await store.settle(active, { type: 'done' });
      const next = await leaseOne(store);
      deepStrictEqual([next.delivery.id, next.delivery.attempts], [first, 1]);
      await store.settle(next, { type: 'done' });
      strictEqual((await leaseOne(store)).delivery.id, second);
    },
  },
  {
    title: 'releases the lane of a delivery that is marked as dead, whether it waited, was held or was active',
    async run({ open }) {
      const store = await open();
      const [first = '', second = '', third = '', fourth = ''] = await putAll(store, 4, 'lane');
      strictEqual(await store.markDead(second), true);
      strictEqual(await store.markDead(first), true);
      const active = await leaseOne(store);
      strictEqual(active.delivery.id, third);
      strictEqual(await store.markDead(third), true);
      deepStrictEqual(await store.renew([active]), [active]);
      strictEqual(await store.settle(active, { type: 'done' }), false);
      strictEqual(await stateOf(store, third), 'dead');
      strictEqual((await leaseOne(store)).delivery.id, fourth);
      strictEqual(await store.markDead(first), false);
      strictEqual(await store.markDead('unknown'), false);
    },
  },
];
