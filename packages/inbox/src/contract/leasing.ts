import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { eventually } from './case';
import { entry } from './new-entries';
import { idsOf, LEASE_MS, lease, leaseOne, type StoreCase, stateOf } from './store-under-test';

const retryAt = (ms: number) => new Date(Date.now() + ms);

/** Giving deliveries out, and taking them back. */
export const leasing: readonly StoreCase[] = [
  {
    title: 'deliveries are given out oldest first, and no more than asked for',
    async run({ open }) {
      const store = await open();
      const entries = Array.from({ length: 5 }, () => entry());
      for (const one of entries) await store.put(one);
      const ids = entries.map(({ id }) => id);
      deepStrictEqual(idsOf(await lease(store, 2)), ids.slice(0, 2));
      deepStrictEqual(idsOf(await lease(store)), ids.slice(2));
      deepStrictEqual(await lease(store), []);
    },
  },
  {
    title: 'each delivery is given to one taker only, however many ask at once',
    async run({ open }) {
      const stores = [await open(), await open(), await open()];
      const entries = Array.from({ length: 90 }, () => entry());
      for (const one of entries) await stores[0]?.put(one);
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
    title: 'every lease counts as an attempt; one that is handed back does not, and is due at once',
    async run({ open }) {
      const store = await open();
      await store.put(entry());
      const first = await leaseOne(store);
      ok(await store.settle(first, { type: 'returned' }));
      const second = await leaseOne(store);
      strictEqual(second.entry.attempts, 1);
      ok(await store.settle(second, { type: 'retry', error: 'Error: down', retryAt: retryAt(-1) }));
      const third = await leaseOne(store);
      deepStrictEqual([third.entry.attempts, third.entry.lastError], [2, 'Error: down']);
    },
  },
  {
    title: 'a retry is due when its time has come, not before, and not behind all that came in the meantime',
    async run({ open }) {
      const store = await open();
      const [failed, other] = [entry(), entry({ receivedAt: retryAt(60_000) })];
      await store.put(failed);
      const due = retryAt(300);
      await store.settle(await leaseOne(store), { type: 'retry', error: 'down', retryAt: due });
      deepStrictEqual((await store.get(failed.id))?.retryAt, due);
      deepStrictEqual(await lease(store), []);
      await store.put(other);
      const [again] = await eventually(async () => Date.now() > +due && lease(store, 1));
      strictEqual(again?.entry.id, failed.id);
      deepStrictEqual(again?.entry.retryAt, undefined);
    },
  },
  {
    title: 'a holder that goes silent loses its lease; what it then says changes nothing',
    async run({ open }) {
      const [silent, other] = [await open(), await open()];
      await silent.put(entry());
      const [lost] = await lease(silent, 1, 150);
      ok(lost);
      const [taken] = await eventually(async () => {
        const leases = await lease(other);
        return leases.length > 0 && leases;
      });
      deepStrictEqual([taken?.entry.id, taken?.entry.attempts], [lost.entry.id, 2]);
      deepStrictEqual(await silent.renew([lost]), [lost]);
      strictEqual(await silent.settle(lost, { type: 'done' }), false);
      strictEqual(await stateOf(other, lost.entry.id), 'active');
      ok(taken && (await other.settle(taken, { type: 'done' })));
    },
  },
  {
    title: 'a holder that renews its lease keeps it',
    async run({ open }) {
      const [holder, other] = [await open(), await open()];
      await holder.put(entry());
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
    title: 'a lease ends once',
    async run({ open }) {
      const store = await open();
      await store.put(entry());
      const held = await leaseOne(store);
      ok(await store.settle(held, { type: 'done' }));
      strictEqual(await store.settle(held, { type: 'dead', error: 'too late' }), false);
      deepStrictEqual(await store.renew([held]), [held]);
      const { state, lastError, finishedAt } = (await store.get(held.entry.id)) ?? {};
      deepStrictEqual([state, lastError], ['done', undefined]);
      ok(finishedAt && Math.abs(Date.now() - +finishedAt) < 60_000);
    },
  },
  {
    title: 'an update is stale when a delivery of its entity with a later updatedAt is done',
    async run({ open }) {
      const store = await open();
      const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute));
      const of = (entityId: string, minute: number) => entry({ entityId, entityUpdatedAt: at(minute) });
      const stale = async () => {
        const leases = await store.lease({ limit: 10, leaseMs: LEASE_MS, findStale: true });
        return { leases, stale: leases.map((one) => one.stale) };
      };
      await store.put(of('a', 5));
      const first = await stale();
      deepStrictEqual(first.stale, [false]);
      for (const held of first.leases) await store.settle(held, { type: 'done' });
      for (const one of [of('a', 4), of('a', 5), of('a', 6), of('b', 1), entry({ entityId: 'a' })])
        await store.put(one);
      deepStrictEqual((await stale()).stale, [true, false, false, false, false]);
    },
  },
];
