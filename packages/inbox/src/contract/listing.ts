import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { NewDelivery } from '../delivery';
import type { InboxStore, ListQuery } from '../store';
import { delivery } from './new-deliveries';
import { lease, type StoreCase } from './store-under-test';

async function listed(store: InboxStore, query: ListQuery): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list(cursor === undefined ? query : { ...query, cursor });
    ids.push(...page.deliveries.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
}

const newestFirst = (deliveries: readonly NewDelivery[]) => deliveries.map(({ id }) => id).reverse();

/** Lists, filters and counts. */
export const listing: readonly StoreCase[] = [
  {
    title: 'lists the newest first, page by page, each delivery once',
    async run({ open }) {
      const store = await open();
      const sameTime = new Date(Date.now() - 1_000);
      const deliveries = Array.from({ length: 23 }, (_, i) => delivery(i > 10 ? { receivedAt: sameTime } : {}));
      for (const one of deliveries) await store.put(one);
      for (const limit of [1, 5, 23, 50]) deepStrictEqual(await listed(store, { limit }), newestFirst(deliveries));
      strictEqual((await store.list({ limit: 23 })).cursor, undefined);
      strictEqual((await store.list({ limit: 22 })).deliveries.length, 22);
    },
  },
  {
    title: 'lists facts, never a body',
    async run({ open }) {
      const store = await open();
      await store.put(delivery({ rawBody: '{"private":"matter"}' }));
      const { deliveries } = await store.list({});
      ok(!JSON.stringify(deliveries).includes('matter'));
      deepStrictEqual(deliveries[0] && (({ state, attempts }) => [state, attempts])(deliveries[0]), ['waiting', 0]);
    },
  },
  {
    title: 'filters by state, event, entity and time, and by all of them together',
    async run({ open }) {
      const store = await open();
      const base = Date.now() - 100_000;
      const deliveries = Array.from({ length: 24 }, (_, i) =>
        delivery({
          event: i % 2 ? 'TODO_MOVED' : 'TAG_CREATED',
          entityId: `entity ${i % 3}`,
          receivedAt: new Date(base + i * 1_000),
        }),
      );
      for (const one of deliveries) await store.put(one);
      const leases = await lease(store, 12);
      for (const held of leases.slice(0, 4)) await store.settle(held, { type: 'done' });
      for (const held of leases.slice(4, 8)) await store.settle(held, { type: 'dead', error: 'hopeless' });
      const states = deliveries.map((_, i) => (i < 4 ? 'done' : i < 8 ? 'dead' : i < 12 ? 'active' : 'waiting'));
      const since = new Date(base + 5_000);
      for (const state of [undefined, 'done', 'dead', 'active', 'waiting', 'skipped'] as const) {
        for (const event of [undefined, 'TODO_MOVED', 'NONE']) {
          for (const entityId of [undefined, 'entity 1']) {
            for (const from of [undefined, since]) {
              const expected = deliveries.filter(
                (one, i) =>
                  (!state || states[i] === state) &&
                  (!event || one.event === event) &&
                  (!entityId || one.entityId === entityId) &&
                  (!from || one.receivedAt >= from),
              );
              const query = {
                ...(state && { state }),
                ...(event && { event }),
                ...(entityId && { entityId }),
                ...(from && { since: from }),
                limit: 2,
              };
              deepStrictEqual(await listed(store, query), newestFirst(expected), JSON.stringify(query));
            }
          }
        }
      }
    },
  },
  {
    title: 'finds nothing for an unknown id',
    async run({ open }) {
      const store = await open();
      strictEqual(await store.get('unknown'), undefined);
      deepStrictEqual(await store.list({}), { deliveries: [], cursor: undefined });
      deepStrictEqual(await store.stats(), {
        held: 0,
        waiting: 0,
        active: 0,
        done: 0,
        skipped: 0,
        dead: 0,
        oldestWaitingMs: undefined,
        limits: [],
      });
    },
  },
];
