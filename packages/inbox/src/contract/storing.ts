import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { delivery } from './new-deliveries';
import { lease, leaseOne, type StoreCase } from './store-under-test';

/** Storing deliveries. */
export const storing: readonly StoreCase[] = [
  {
    title: 'leases a delivery with the body and the facts that were stored',
    async run({ open }) {
      const store = await open();
      const rawBody = '{"event":"TODO_MOVED", "title": "Zoë \\ud83d\\ude00 😀\\u0000",\r\n "number": 1.0}\n';
      const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const put = delivery({ rawBody, signature: 'unsigned', secretId: undefined, webhookId: undefined, trace });
      strictEqual(await store.put(put), 'stored');
      const { delivery: got } = await leaseOne(store);
      deepStrictEqual(got, {
        id: put.id,
        event: put.event,
        entityId: put.entityId,
        webhookId: undefined,
        receivedAt: put.receivedAt,
        state: 'active',
        attempts: 1,
        retryAt: undefined,
        finishedAt: undefined,
        lastError: undefined,
        rawBody,
        signature: 'unsigned',
        secretId: undefined,
        trace,
        handled: [],
      });
      deepStrictEqual(await store.get(put.id), got);
    },
  },
  {
    title: 'stores a duplicate once, whatever the state of the first',
    async run({ open }) {
      const store = await open();
      const other = await open();
      const [waiting, active, done, dead] = [delivery(), delivery(), delivery(), delivery()];
      for (const one of [active, done, dead]) await store.put(one);
      const [, second, third] = await lease(store);
      if (second) await store.settle(second, { type: 'done' });
      if (third) await store.settle(third, { type: 'dead', error: 'hopeless' });
      await store.put(waiting);
      const again = [waiting, active, done, dead];
      const puts = await Promise.all(
        again.flatMap((one) => [store.put(one), other.put({ ...one, rawBody: 'another' })]),
      );
      deepStrictEqual(new Set(puts), new Set(['duplicate']));
      const { oldestWaitingMs: _, limits: _limits, ...counts } = await store.stats();
      deepStrictEqual(counts, { held: 0, waiting: 1, active: 1, done: 1, skipped: 0, dead: 1 });
      strictEqual((await store.get(waiting.id))?.rawBody, waiting.rawBody);
    },
  },
  {
    title: 'stores one of many identical deliveries that two openings store concurrently',
    async run({ open }) {
      const stores = [await open(), await open()] as const;
      const one = delivery();
      const puts = await Promise.all(Array.from({ length: 50 }, (_, i) => stores[(i % 2) as 0 | 1].put(one)));
      strictEqual(puts.filter((result) => result === 'stored').length, 1);
      strictEqual((await lease(stores[0])).length, 1);
    },
  },
  {
    title: 'loses and confuses none of many deliveries that are stored concurrently',
    async run({ open }) {
      const store = await open();
      const deliveries = Array.from({ length: 300 }, () => delivery({ rawBody: `{"n":${Math.random()}}` }));
      const puts = await Promise.all(deliveries.map((one) => store.put(one)));
      ok(puts.every((result) => result === 'stored'));
      for (const { id, rawBody } of deliveries) strictEqual((await store.get(id))?.rawBody, rawBody);
    },
  },
  {
    title: 'stores a large body to the last byte',
    async run({ open }) {
      const store = await open();
      const large = delivery({ rawBody: `{"text":"${'ä'.repeat(2_500_000)}"}` });
      await store.put(large);
      strictEqual((await store.get(large.id))?.rawBody === large.rawBody, true);
    },
  },
  {
    title: 'leaves nothing behind when it is probed',
    async run({ open }) {
      const store = await open();
      await store.probe();
      await store.probe();
      deepStrictEqual((await store.list({})).deliveries, []);
    },
  },
  {
    title: 'keeps deliveries when it is closed and opened again, unless it is not durable',
    async run({ open }) {
      const store = await open();
      await store.open();
      if (store.notDurable !== undefined) return;
      const [waiting, done] = [delivery(), delivery()];
      await store.put(done);
      await store.settle(await leaseOne(store), { type: 'done' });
      await store.put(waiting);
      await store.close();
      const reopened = await open();
      strictEqual(await reopened.put(done), 'duplicate');
      strictEqual((await leaseOne(reopened)).delivery.id, waiting.id);
    },
  },
];
