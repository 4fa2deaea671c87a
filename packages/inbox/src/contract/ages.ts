import { ok, strictEqual } from 'node:assert/strict';
import { deliver, type InboxCase, inboxWith, raw, untilState } from './inbox-under-test';
import { delivery, laneOf } from './new-deliveries';
import { leaseOne, type StoreCase } from './store-under-test';

const ago = (ms: number) => new Date(Date.now() - ms);
const isAbout = (actual: number | undefined, ms: number) =>
  ok(actual !== undefined && actual >= ms && actual < ms + 30_000, `${actual} is not about ${ms}`);

/** The age of the oldest waiting delivery, of a store. */
export const storeAges: readonly StoreCase[] = [
  {
    title: 'returns the age of the oldest delivery that is waiting, for the first time or for a retry',
    async run({ open }) {
      const store = await open();
      const oldest = async () => (await store.stats()).oldestWaitingMs;
      strictEqual(await oldest(), undefined);
      const [first, held] = laneOf('age', 2, { receivedAt: ago(900_000) });
      ok(first && held);
      await store.put(first);
      await store.put(held);
      await store.put(delivery({ receivedAt: ago(300_000) }));
      await store.put(delivery({ receivedAt: ago(600_000) }));
      isAbout(await oldest(), 900_000);
      const [lease] = await store.lease({ limit: 1, leaseMs: 30_000, findStale: false });
      ok(lease);
      isAbout(await oldest(), 600_000);
      await store.settle(lease, { type: 'retry', error: 'down', retryAt: new Date(Date.now() + 60_000) });
      isAbout(await oldest(), 900_000);
      await store.markDead(first.id);
      isAbout(await oldest(), 900_000); // the one that was held behind it
    },
  },
  {
    title: 'returns 0 as the age of a delivery from the future, and no age once none waits',
    async run({ open }) {
      const store = await open();
      await store.put(delivery({ receivedAt: new Date(Date.now() + 60_000) }));
      strictEqual((await store.stats()).oldestWaitingMs, 0);
      await store.settle(await leaseOne(store), { type: 'done' });
      strictEqual((await store.stats()).oldestWaitingMs, undefined);
    },
  },
];

/** The age of the oldest waiting delivery, of an inbox. */
export const inboxAges: readonly InboxCase[] = [
  {
    title: 'returns the age of the oldest waiting delivery, and none once all are done',
    needsOrder: false,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      strictEqual((await inbox.stats()).oldestWaitingMs, undefined);
      const [first, second] = [await raw(), await raw()];
      await deliver(inbox, first);
      await new Promise((resolve) => setTimeout(resolve, 60));
      await deliver(inbox, second);
      const { oldestWaitingMs = 0 } = await inbox.stats();
      ok(oldestWaitingMs >= 50 && oldestWaitingMs < 30_000);
      await inbox.start();
      for (const { id } of [first, second]) await untilState(inbox, id, 'done');
      strictEqual((await inbox.stats()).oldestWaitingMs, undefined);
    },
  },
];
