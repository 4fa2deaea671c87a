import { rejects, strictEqual } from 'node:assert/strict';
import type { InboxStore } from '../store';
import { deliver, type InboxCase, inboxWith, raw } from './inbox-under-test';
import { delivery } from './new-deliveries';
import { LEASE_MS, leaseOne, type StoreCase } from './store-under-test';

/** Values that are not strings: some drivers abort the process when such a value is bound. */
const notStrings: readonly unknown[] = [
  ...[undefined, null, true, 0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, 10n, Symbol('id')],
  ...[{}, { a: 1 }, [], ['id'], new Date(), new Date('never'), () => 'id', new Uint8Array([1]), new String('id')],
];
/** Unusual strings that are not the id of a delivery. */
const unusualStrings: readonly string[] = [
  '',
  'a\0b',
  '\ud800',
  '\udc00\ud800',
  '😀',
  "'; DROP TABLE x; --",
  'x'.repeat(10_000_000),
];
const notDates: readonly unknown[] = [null, 0, Date.now(), '2026-01-01', new Date('never'), {}, []];
const notLimits: readonly unknown[] = [
  0,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 60,
  1_001,
  '5',
  null,
  {},
  [],
  5n,
];
const notFilters: readonly unknown[] = [
  ...[null, 'dead', 7, [], { state: 'gone' }, { state: ['dead'] }, { state: {} }],
  ...notStrings.slice(1).flatMap((value) => [{ event: value }, { entityId: value }]),
  ...notDates.map((since) => ({ since })),
];
const notScopes: readonly object[] = [
  ...notStrings.slice(1).flatMap((value) => [{ event: value }, { webhookId: value }]),
  ...['', ' ', 'x'.repeat(201)].flatMap((value) => [{ event: value }, { webhookId: value }]),
];
const notPauses: readonly object[] = [
  ...notScopes.map((scope) => ({ ...scope, reason: 'no' })),
  ...[...notStrings, '', ' ', 'x'.repeat(1_001)].map((reason) => ({ reason })),
  ...[...notStrings.slice(1), '', ' ', 'x'.repeat(201)].map((by) => ({ reason: 'no', by })),
];
const notCursors: readonly unknown[] = [
  ...notStrings.slice(1),
  'never',
  '-',
  '9'.repeat(30),
  `${'9'.repeat(20)}-1`,
  '1-1; --',
];

async function allRefused(calls: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const [place, call] of calls.entries()) await rejects(call, TypeError, `call ${place} was not rejected`);
}

/** The arguments of a store. */
export const storeArguments: readonly StoreCase[] = [
  {
    title: 'rejects every argument of another type with a TypeError, in every method',
    async run({ open }) {
      const store = (await open()) as unknown as { [K in keyof InboxStore]: (...given: unknown[]) => Promise<unknown> };
      const request = { limit: 1, leaseMs: LEASE_MS, findStale: false };
      const good = delivery();
      const change = () => ({ states: [], waiting: [] });
      await allRefused([
        ...notStrings.flatMap((id) => [
          () => store.get(id),
          () => store.markDead(id),
          () => store.replay({ ids: [id] }),
          () => store.put({ ...good, id }),
          () => store.put({ ...good, event: id }),
          () => store.put({ ...good, rawBody: id }),
          () => store.settle({ token: id, delivery: good, stale: false }, { type: 'done' }),
          () => store.renew([{ token: id, delivery: good, stale: false }]),
          () => store.recordHandled({ token: 'a', delivery: good, stale: false }, [id]),
        ]),
        ...notStrings
          .slice(1)
          .flatMap((value) =>
            ['entityId', 'webhookId', 'secretId', 'lane', 'trace'].map(
              (name) => () => store.put({ ...good, [name]: value }),
            ),
          ),
        ...notFilters.flatMap((filter) => [() => store.list(filter), () => store.replay({ filter })]),
        ...notCursors.map((cursor) => () => store.list({ cursor })),
        ...notLimits.map((limit) => () => store.list({ limit })),
        ...notLimits
          .filter((limit) => limit !== 1_001)
          .flatMap((limit) => [
            () => store.lease({ ...request, limit }),
            () => store.lease({ ...request, leaseMs: limit }),
          ]),
        ...notDates.flatMap((date) => [
          () => store.put({ ...good, receivedAt: date }),
          () => store.put({ ...good, entityUpdatedAt: date }),
          () => store.prune({ before: date, states: ['done'], forgetBefore: new Date(0) }),
          () => store.prune({ before: new Date(0), states: ['done'], forgetBefore: date }),
        ]),
        ...[null, 'done', [1], ['waiting'], [{}]].map(
          (states) => () => store.prune({ before: new Date(0), states, forgetBefore: new Date(0) }),
        ),
        ...notPauses.map((pause) => () => store.pause({ since: new Date(), ...pause })),
        ...notDates.map((since) => () => store.pause({ reason: 'no', since })),
        ...notScopes.map((scope) => () => store.resume(scope)),
        ...[null, 7, 'x', {}].flatMap((value) => [
          () => store.lease({ ...request, limits: value }),
          () => store.updateLimits({ keys: value, change }),
          () => store.updateLimits({ keys: [], change: value }),
        ]),
        ...notStrings.map((key) => () => store.updateLimits({ keys: [key], change })),
        ...[undefined, null, 7, 'x', []].flatMap((value) => [
          () => store.pause(value),
          () => store.resume(value),
          () => store.put(value),
          () => store.lease(value),
          () => store.updateLimits(value),
          () => store.replay(value),
          () => store.settle(value, { type: 'done' }),
        ]),
      ]);
      strictEqual(((await store.list({})) as { deliveries: unknown[] }).deliveries.length, 0);
      await store.put(good);
      const held = await leaseOne(store as unknown as InboxStore);
      await allRefused([
        ...[undefined, null, 'done', {}, { type: 'lost' }, { type: 'dead' }, { type: 'dead', error: {} }].map(
          (settlement) => () => store.settle(held, settlement),
        ),
        ...notDates.map((retryAt) => () => store.settle(held, { type: 'retry', error: 'down', retryAt })),
        ...notDates.map((until) => () => store.settle(held, { type: 'postponed', until })),
      ]);
      strictEqual(await store.settle(held, { type: 'done' }), true);
    },
  },
  {
    title: 'finds nothing for an unusual string',
    async run({ open }) {
      const store = await open();
      await store.put(delivery());
      for (const unusual of unusualStrings) {
        strictEqual(await store.get(unusual), undefined);
        strictEqual(await store.markDead(unusual), false);
        strictEqual(await store.replay({ ids: [unusual] }), 0);
        strictEqual((await store.list({ event: unusual })).deliveries.length, 0);
        strictEqual((await store.list({ entityId: unusual })).deliveries.length, 0);
      }
      strictEqual((await store.stats()).waiting, 1);
    },
  },
];

/** The arguments of an inbox. */
export const inboxArguments: readonly InboxCase[] = [
  {
    title: 'rejects every argument of another type with a TypeError, in every function',
    needsOrder: false,
    async run(subject) {
      const { inbox: typed } = await inboxWith(subject, () => {});
      const inbox = typed as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
      const sent = await raw();
      await deliver(typed, sent);
      const call =
        (name: string, ...given: unknown[]) =>
        () =>
          inbox[name]?.(...given) as Promise<unknown>;
      await allRefused([
        ...notStrings.flatMap((id) => [call('get', id), call('markDead', id), call('replay', [id])]),
        ...notStrings.filter((value) => !Array.isArray(value)).map((value) => call('replay', value)),
        ...notFilters.map((filter) => call('list', filter)),
        ...notFilters
          .filter((filter) => typeof filter === 'object' && !Array.isArray(filter))
          .map((filter) => call('replay', filter)),
        ...notCursors.map((cursor) => call('list', { cursor })),
        ...notLimits.map((limit) => call('list', { limit })),
        ...notDates.map((olderThan) => call('prune', { olderThan })),
        ...[undefined, null, 7, 'x', [], ...notPauses].map((pause) => call('pause', pause)),
        ...[null, 7, 'x', [], ...notScopes].map((scope) => call('resume', scope)),
        ...[null, 7, 'x', []].map((options) => call('replay', sent.id, options)),
        ...[...notLimits.filter((limit) => limit !== 1_001), 10_001].map((perSecond) =>
          call('replay', sent.id, { perSecond }),
        ),
        ...notDates.map((finishedBefore) => call('replay', sent.id, { finishedBefore })),
        ...[1, 'yes', null, {}].flatMap((value) => [
          call('replay', sent.id, { dryRun: value }),
          call('replay', sent.id, { onProgress: value }),
          call('replay', sent.id, { signal: value }),
        ]),
        ...[1, 'yes', null, {}].map((dead) => call('prune', { deadLetters: dead })),
        ...[-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5', null].map((timeoutMs) =>
          call('stop', { timeoutMs }),
        ),
        ...[0, -1, 1.5, Number.NaN, 60_001, '5', null].map((timeoutMs) => call('health', { timeoutMs })),
        ...[null, 7, { before: 'close' }, { timeoutMs: -1 }, { timeoutMs: '5' }].map(
          (options) => async () => typed.stopOnSignal(options as never),
        ),
      ]);
      for (const unusual of unusualStrings) {
        strictEqual(await typed.get(unusual), undefined);
        strictEqual(await typed.markDead(unusual), false);
        strictEqual(await typed.replay(unusual), 0);
      }
      strictEqual((await typed.get(sent.id))?.state, 'waiting');
    },
  },
];
