import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { LimitRule } from '../limit-options';
import { begun, holderOf, parseState, toStored } from '../limit-state';
import type { InboxStore, Lease } from '../store';
import { eventually } from './case';
import { delivery, laneOf } from './new-deliveries';
import { idsOf, LEASE_MS, lease, leaseOne, type StoreCase, stateOf } from './store-under-test';

const rule = (given: Partial<LimitRule>): LimitRule => ({
  ...{ concurrency: undefined, perMinute: undefined, breaker: undefined },
  ...given,
});

const leaseWithin = (store: InboxStore, limits: readonly LimitRule[], limit = 100, leaseMs = LEASE_MS) =>
  store.lease({ limit, leaseMs, findStale: false, limits });

/** Makes leased deliveries wait for a key. */
const makeWait = (store: InboxStore, key: string, leases: readonly Lease[]): Promise<void> =>
  store.updateLimits({
    keys: [key],
    change: () => ({ states: [], waiting: leases.map((one) => ({ lease: one, key })) }),
  });

/** Counts an attempt that has begun. */
const begin = (store: InboxStore, key: string, limit: LimitRule, { token, delivery: { id } }: Lease): Promise<void> =>
  store.updateLimits({
    keys: [key],
    change(stored) {
      const state = begun(limit, parseState(stored.states.get(key)), holderOf(token, id), stored);
      return { states: [{ key, ...toStored(state, stored) }], waiting: [] };
    },
  });

async function texts(store: InboxStore, ...keys: string[]): Promise<ReadonlyMap<string, string>> {
  let found: ReadonlyMap<string, string> = new Map();
  await store.updateLimits({
    keys,
    change({ states }) {
      found = new Map(states);
      return { states: [], waiting: [] };
    },
  });
  return found;
}

/** What a store keeps of limits. */
export const storeLimits: readonly StoreCase[] = [
  {
    title:
      'keeps what is known about keys for every opening, and loses no change of several that are made concurrently',
    async run({ open }) {
      const stores = [await open(), await open()] as const;
      deepStrictEqual(await texts(stores[0], '0:a'), new Map());
      const add = (store: InboxStore, key: string) =>
        store.updateLimits({
          keys: [key],
          change: ({ states }) => ({
            states: [{ key, state: String(Number(states.get(key) ?? '0') + 1), expiresAt: undefined }],
            waiting: [],
          }),
        });
      await Promise.all(
        Array.from({ length: 40 }, (_, i) => add(stores[(i % 2) as 0 | 1], i % 4 < 2 ? '0:a' : "1:Zoë 😀's")),
      );
      deepStrictEqual(
        await texts(stores[1], '0:a', "1:Zoë 😀's", '2:none'),
        new Map([
          ['0:a', '20'],
          ["1:Zoë 😀's", '20'],
        ]),
      );
      await stores[0].updateLimits({
        keys: ['0:a'],
        change: () => ({ states: [{ key: '0:a', state: undefined, expiresAt: undefined }], waiting: [] }),
      });
      deepStrictEqual([...(await texts(stores[1], '0:a', "1:Zoë 😀's")).keys()], ["1:Zoë 😀's"]);
    },
  },
  {
    title: 'keeps a delivery that waits for a limit, and its lane, without a lease, a time or a counted attempt',
    async run({ open }) {
      const store = await open();
      const [first, second] = laneOf('limited', 2);
      ok(first && second);
      for (const one of [first, second]) await store.put(one);
      const held = await leaseOne(store);
      await makeWait(store, '0:crm', [held]);
      const { state, attempts, retryAt, limitKey } = (await store.get(first.id)) ?? {};
      deepStrictEqual([state, attempts, retryAt, limitKey], ['waiting', 0, undefined, 'crm']);
      strictEqual((await store.list({ state: 'waiting' })).deliveries[0]?.limitKey, 'crm');
      strictEqual(await stateOf(store, second.id), 'held');
      strictEqual(await store.settle(held, { type: 'done' }), false);
      strictEqual((await store.stats()).waiting, 1);
      const again = await leaseOne(await open());
      deepStrictEqual([again.delivery.id, again.delivery.attempts, again.delivery.limitKey], [first.id, 1, undefined]);
      await makeWait(store, '0:crm', [held]); // a lease that was lost
      strictEqual(await stateOf(store, first.id), 'active');
    },
  },
  {
    title:
      'leases as many deliveries of a key as its limit has room for, oldest first, and others past any number of them',
    async run({ open }) {
      const [store, other] = [await open(), await open()];
      const two = rule({ concurrency: 2 });
      const limited = Array.from({ length: 30 }, () => delivery());
      for (const one of limited) await store.put(one);
      const [running, ...waiting] = await lease(store);
      ok(running);
      await makeWait(store, '0:full', waiting);
      await begin(store, '0:full', two, running);
      const free = delivery();
      await store.put(free);
      const [next, fresh, ...more] = await leaseWithin(store, [two]);
      deepStrictEqual([next?.delivery.id, fresh?.delivery.id, more], [limited[1]?.id, free.id, []]);
      ok(next);
      await begin(store, '0:full', two, next);
      deepStrictEqual([await leaseWithin(store, [two]), await leaseWithin(other, [two])], [[], []]);
      for (const one of [running, next]) await store.settle(one, { type: 'done' });
      deepStrictEqual(
        idsOf(await leaseWithin(other, [two])),
        limited.slice(2, 4).map(({ id }) => id),
      );
      deepStrictEqual(
        idsOf(await lease(store, 3)),
        limited.slice(4, 7).map(({ id }) => id),
      ); // a worker without limits
    },
  },
  {
    title: 'gives the place of an attempt to another once the lease of its process has lapsed',
    async run({ open }) {
      const [store, other] = [await open(), await open()];
      const one = rule({ concurrency: 1 });
      const [killed, next] = [delivery(), delivery()];
      await store.put(killed);
      const [running] = await lease(store, 1, 90);
      await store.put(next);
      const [behind] = await lease(store, 1);
      ok(running && behind);
      await begin(store, '0:one', one, running);
      await makeWait(store, '0:one', [behind]);
      deepStrictEqual(await leaseWithin(store, [one]), []);
      const leased: string[] = [];
      await eventually(async () => {
        for (const taken of await leaseWithin(other, [one])) {
          leased.push(taken.delivery.id);
          if (taken.delivery.id === killed.id) await other.settle(taken, { type: 'done' });
        }
        return leased.length === 2;
      });
      deepStrictEqual(leased, [killed.id, next.id]);
    },
  },
  {
    title: 'pauses, replays and marks as dead what waits for a limit',
    async run({ open }) {
      const store = await open();
      const [paused, replayed, dead] = [delivery({ event: 'TAG_CREATED' }), delivery(), delivery()];
      for (const one of [paused, replayed, dead]) await store.put(one);
      await makeWait(store, '0:a', await lease(store));
      await store.pause({ event: 'TAG_CREATED', webhookId: undefined, reason: 'no', by: undefined, since: new Date() });
      strictEqual(await store.markDead(dead.id), true);
      strictEqual(await store.replay({ ids: [replayed.id] }), 1);
      strictEqual((await store.get(replayed.id))?.limitKey, undefined);
      deepStrictEqual(idsOf(await lease(store)), [replayed.id]);
      await store.resume({ event: 'TAG_CREATED' });
      deepStrictEqual(idsOf(await lease(store)), [paused.id]);
      deepStrictEqual(await lease(store), []);
    },
  },
  {
    title: 'shows the keys of limits, and forgets what has expired when pruned',
    async run({ open }) {
      const store = await open();
      const [busy, down, old] = ['0:busy', '1:down', '2:old'];
      const since = Date.now() - 5_000;
      await store.put(delivery());
      const limit = rule({ concurrency: 3, perMinute: 10 });
      await begin(store, busy, limit, await leaseOne(store));
      const state = JSON.stringify({ failures: 4, open: { since, probeAt: Date.now() + 60_000 } });
      await store.updateLimits({
        keys: [down, old],
        change: () => ({
          states: [
            { key: down, state, expiresAt: undefined },
            { key: old, state: '{"failures":1}', expiresAt: 1 },
          ],
          waiting: [],
        }),
      });
      const [first, second, third, ...more] = (await store.stats()).limits;
      deepStrictEqual([first?.key, first?.failures, first?.openSince], ['down', 4, new Date(since)]);
      ok(Number(first?.opensAt) > Date.now());
      deepStrictEqual(
        [second, third, more],
        [
          {
            key: 'busy',
            running: 1,
            lastMinute: 1,
            failures: 0,
            lastError: undefined,
            openSince: undefined,
            opensAt: undefined,
          },
          {
            key: 'old',
            running: 0,
            lastMinute: 0,
            failures: 1,
            lastError: undefined,
            openSince: undefined,
            opensAt: undefined,
          },
          [],
        ],
      );
      await store.prune({ before: new Date(0), states: ['done'], forgetBefore: new Date(0) });
      deepStrictEqual([...(await texts(store, busy, down, old)).keys()].sort(), [busy, down]);
    },
  },
];
