import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { eventually } from './case';
import { delivery } from './new-deliveries';
import { idsOf, LEASE_MS, lease, leaseOne, type StoreCase, stateOf } from './store-under-test';

const retryAt = (ms: number) => new Date(Date.now() + ms);

/** Leases, attempts and settlements. */
export const leasing: readonly StoreCase[] = [
  {
    title: 'leases the oldest deliveries first, and no more than the limit',
    async run({ open }) {
      const store = await open();
      const deliveries = Array.from({ length: 5 }, () => delivery());
      for (const one of deliveries) await store.put(one);
      const ids = deliveries.map(({ id }) => id);
      deepStrictEqual(idsOf(await lease(store, 2)), ids.slice(0, 2));
      deepStrictEqual(idsOf(await lease(store)), ids.slice(2));
      deepStrictEqual(await lease(store), []);
    },
  },
  {
    title: 'leases each delivery to one taker only, however many lease concurrently',
    async run({ open }) {
      const stores = [await open(), await open(), await open()];
      const deliveries = Array.from({ length: 90 }, () => delivery());
      for (const one of deliveries) await stores[0]?.put(one);
      const taken: string[] = [];
      while (taken.length < 90) {
        const rounds = await Promise.all([...stores, ...stores].map((store) => lease(store, 7)));
        taken.push(...rounds.flatMap(idsOf));
      }
      strictEqual(new Set(taken).size, 90);
      strictEqual(taken.length, 90);
    },
  },
  {
    title: 'counts an attempt for each lease, except one that was returned, which is due immediately',
    async run({ open }) {
      const store = await open();
      await store.put(delivery());
      const first = await leaseOne(store);
      ok(await store.settle(first, { type: 'returned' }));
      const second = await leaseOne(store);
      strictEqual(second.delivery.attempts, 1);
      ok(await store.settle(second, { type: 'retry', error: 'Error: down', retryAt: retryAt(-1) }));
      const third = await leaseOne(store);
      deepStrictEqual([third.delivery.attempts, third.delivery.lastError], [2, 'Error: down']);
    },
  },
  {
    title: 'leases a retry when it is due, not earlier, and not after everything that came in meanwhile',
    async run({ open }) {
      const store = await open();
      const [failed, other] = [delivery(), delivery({ receivedAt: retryAt(60_000) })];
      await store.put(failed);
      const due = retryAt(300);
      await store.settle(await leaseOne(store), { type: 'retry', error: 'down', retryAt: due });
      deepStrictEqual((await store.get(failed.id))?.retryAt, due);
      deepStrictEqual(await lease(store), []);
      await store.put(other);
      const [again] = await eventually(async () => Date.now() > +due && lease(store, 1));
      strictEqual(again?.delivery.id, failed.id);
      deepStrictEqual(again?.delivery.retryAt, undefined);
    },
  },
  {
    title: 'takes the lease of a silent holder, whose settlement then changes nothing',
    async run({ open }) {
      const [silent, other] = [await open(), await open()];
      await silent.put(delivery());
      const [lost] = await lease(silent, 1, 150);
      ok(lost);
      const [taken] = await eventually(async () => {
        const leases = await lease(other);
        return leases.length > 0 && leases;
      });
      deepStrictEqual([taken?.delivery.id, taken?.delivery.attempts], [lost.delivery.id, 2]);
      deepStrictEqual(await silent.renew([lost]), [lost]);
      strictEqual(await silent.settle(lost, { type: 'done' }), false);
      strictEqual(await stateOf(other, lost.delivery.id), 'active');
      ok(taken && (await other.settle(taken, { type: 'done' })));
    },
  },
  {
    title: 'keeps the lease of a holder that renews it',
    async run({ open }) {
      const [holder, other] = [await open(), await open()];
      await holder.put(delivery());
      const [held] = await lease(holder, 1, 300);
      ok(held);
      const until = performance.now() + 1_000;
      while (performance.now() < until) {
        deepStrictEqual(await holder.renew([held]), []);
        deepStrictEqual(await lease(other), []);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      ok(await holder.settle(held, { type: 'done' }));
    },
  },
  {
    title: 'ends a lease once',
    async run({ open }) {
      const store = await open();
      await store.put(delivery());
      const held = await leaseOne(store);
      ok(await store.settle(held, { type: 'done' }));
      strictEqual(await store.settle(held, { type: 'dead', error: 'too late' }), false);
      deepStrictEqual(await store.renew([held]), [held]);
      const { state, lastError, finishedAt } = (await store.get(held.delivery.id)) ?? {};
      deepStrictEqual([state, lastError], ['done', undefined]);
      ok(finishedAt && Math.abs(Date.now() - +finishedAt) < 60_000);
    },
  },
  {
    title: 'reports an update as stale when a delivery of its entity with a later updatedAt is done',
    async run({ open }) {
      const store = await open();
      const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute));
      const of = (entityId: string, minute: number) => delivery({ entityId, entityUpdatedAt: at(minute) });
      const stale = async () => {
        const leases = await store.lease({ limit: 10, leaseMs: LEASE_MS, findStale: true });
        return { leases, stale: leases.map((one) => one.stale) };
      };
      await store.put(of('a', 5));
      const first = await stale();
      deepStrictEqual(first.stale, [false]);
      for (const held of first.leases) await store.settle(held, { type: 'done' });
      for (const one of [of('a', 4), of('a', 5), of('a', 6), of('b', 1), delivery({ entityId: 'a' })])
        await store.put(one);
      deepStrictEqual((await stale()).stale, [true, false, false, false, false]);
    },
  },
];
