import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { InboxStore } from '../store';
import { delivery } from './new-deliveries';
import { idsOf, lease, leaseOne, type StoreCase } from './store-under-test';

const past = new Date(0);
const future = new Date(Date.now() + 86_400_000);

async function put(store: InboxStore, length: number, end: 'done' | 'dead'): Promise<string[]> {
  const deliveries = Array.from({ length }, () => delivery());
  await Promise.all(deliveries.map((one) => store.put(one)));
  const leases = await lease(store, length);
  const settlement = end === 'dead' ? { type: end, error: 'hopeless' } : { type: end };
  await Promise.all(leases.map((held) => store.settle(held, settlement)));
  return deliveries.map(({ id }) => id);
}

/** Replaying and pruning. */
export const replaying: readonly StoreCase[] = [
  {
    title: 'replays dead and done deliveries by id, with their attempts counted from 1, and ignores unknown ids',
    async run({ open }) {
      const store = await open();
      const [dead = ''] = await put(store, 1, 'dead');
      const [done = ''] = await put(store, 1, 'done');
      strictEqual(await store.replay({ ids: [done, 'unknown', dead, dead] }), 2);
      const leases = await lease(store);
      deepStrictEqual(new Set(idsOf(leases)), new Set([dead, done]));
      for (const { delivery: again } of leases) {
        deepStrictEqual([again.attempts, again.finishedAt, again.state], [1, undefined, 'active']);
      }
      strictEqual(await store.replay({ ids: [dead] }), 0); // it is active
    },
  },
  {
    title: 'replays all deliveries of a filter, however many there are',
    async run({ open }) {
      const store = await open();
      await put(store, 1_234, 'dead');
      await put(store, 3, 'done');
      strictEqual(await store.replay({ filter: { state: 'dead' } }), 1_234);
      const { dead, waiting, done } = await store.stats();
      deepStrictEqual([dead, waiting, done], [0, 1_234, 3]);
    },
  },
  {
    title: 'deletes old finished deliveries when pruned, and dead letters only if they are named',
    async run({ open }) {
      const store = await open();
      await put(store, 3, 'done');
      const [dead = ''] = await put(store, 1, 'dead');
      await store.put(delivery());
      const states = ['done', 'skipped'] as const;
      strictEqual(await store.prune({ before: past, states, forgetBefore: past }), 0);
      strictEqual(await store.prune({ before: future, states, forgetBefore: past }), 3);
      const { oldestWaitingMs: _, limits: _limits, ...counts } = await store.stats();
      deepStrictEqual(counts, { held: 0, waiting: 1, active: 0, done: 0, skipped: 0, dead: 1 });
      strictEqual(await store.prune({ before: future, states: ['dead'], forgetBefore: past }), 1);
      strictEqual(await store.get(dead), undefined);
    },
  },
  {
    title: 'recognises a deleted delivery until its id is forgotten',
    async run({ open }) {
      const store = await open();
      const one = delivery();
      await store.put(one);
      await store.settle(await leaseOne(store), { type: 'done' });
      await store.prune({ before: future, states: ['done'], forgetBefore: past });
      const other = await open();
      strictEqual(await other.put(one), 'duplicate');
      ok((await lease(store)).length === 0);
      await store.prune({ before: past, states: ['done'], forgetBefore: future });
      strictEqual(await store.put(one), 'stored');
      strictEqual((await leaseOne(store)).delivery.rawBody, one.rawBody);
    },
  },
  {
    title: 'deletes any number of deliveries',
    async run({ open }) {
      const store = await open();
      await put(store, 1_200, 'done');
      strictEqual(await store.prune({ before: future, states: ['done'], forgetBefore: future }), 1_200);
      deepStrictEqual((await store.list({})).deliveries, []);
    },
  },
];
