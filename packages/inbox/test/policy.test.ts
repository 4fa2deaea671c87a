import { createReceiver, type Delivery, eventNames } from '@blue-webhooks/core';
import { createBlueSimulator, createVirtualClock, oddities, scenario } from '@blue-webhooks/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createInbox, type Inbox, type InboxOptions, sqliteStore } from '../src/index';
import { eventually, secret } from './endpoint';
import { scratchFile } from './scratch';

/** Any number of retries within milliseconds: a night's outage in the time of a test. */
const shortened = { maxAttempts: 10_000, firstDelayMs: 1, maxDelayMs: 5 };

/**
 * Creates a receiver under Blue's policy (7 seconds, 5 attempts, then disabled) on a virtual clock. Handled deliveries are
 * recorded; the inbox can be replaced, as a deployment does.
 */
function integration(handler: (delivery: Delivery) => unknown, options: Partial<InboxOptions> = {}) {
  const clock = createVirtualClock();
  const path = scratchFile();
  const handled: Delivery[] = [];
  const underWay = new Set<string>();
  const dead: string[] = [];
  let twiceAtOnce = 0;
  const handle = async (_event: unknown, delivery: Delivery) => {
    if (underWay.has(delivery.id)) twiceAtOnce += 1;
    underWay.add(delivery.id);
    try {
      await handler(delivery);
      handled.push(delivery);
    } finally {
      underWay.delete(delivery.id);
    }
  };
  let inbox: Inbox | undefined;
  const start = async () => {
    const receiver = createReceiver({ secret }).onUnknown(handle);
    for (const names of Object.values(eventNames)) receiver.on(names, handle);
    const onDeadLetter: InboxOptions['onDeadLetter'] = ({ id }) => dead.push(id);
    const store = sqliteStore(path);
    inbox = createInbox({ receiver, store, retry: shortened, pollMs: 10, onDeadLetter, ...options });
    await inbox.start();
    return inbox;
  };
  const stop = async (timeoutMs: number) => {
    const stopped = inbox;
    inbox = undefined;
    await stopped?.stop({ timeoutMs });
  };
  onTestFinished(() => stop(0));
  const blue = createBlueSimulator({
    url: 'http://localhost/webhooks/blue',
    secret,
    clock,
    concurrency: 8,
    fetch: (request) => (inbox ? inbox.fetch(request) : Promise.reject(new Error('no server listens'))),
  });
  const untilFinished = () =>
    eventually(async () => {
      const { held = 1, waiting = 1, active = 1 } = (await inbox?.stats()) ?? {};
      return held + waiting + active === 0;
    });
  return { clock, blue, handled, dead, start, stop, untilFinished, twiceAtOnce: () => twiceAtOnce };
}

/** Returns, for each entity, the places of its bodies in the order in which they were handled. */
function placesByEntity(bodies: readonly string[], handled: readonly Delivery[]): number[][] {
  const places = new Map(bodies.map((body, place) => [body, place]));
  const byEntity = new Map<unknown, number[]>();
  for (const { rawBody } of handled) {
    const { currentValue, previousValue } = JSON.parse(rawBody);
    const { id } = currentValue ?? previousValue;
    byEntity.set(id, [...(byEntity.get(id) ?? []), places.get(rawBody) ?? -1]);
  }
  return [...byEntity.values()];
}

const ascending = (list: readonly number[]) => list.every((place, i) => i === 0 || place > (list[i - 1] ?? 0));

test('while handlers fail all night, the webhook stays enabled; then every delivery is handled once, each entity in order', async () => {
  let down = true;
  let failures = 0;
  const { clock, blue, handled, start, untilFinished } = integration(() => {
    if (!down) return;
    failures += 1;
    throw new Error('the database is down');
  });
  await start();
  const bodies: string[] = [];
  for (const { payload } of scenario({ seed: 11, days: 1, records: 8 })) {
    // One after the other: Blue keeps no order between concurrent deliveries.
    const { outcome, attempts, body } = await blue.emit(payload);
    expect([outcome, attempts.length]).toEqual(['delivered', 1]);
    bodies.push(body);
  }
  await clock.sleep(8 * 3_600_000);
  await eventually(() => failures > 50);
  expect(blue.webhook).toMatchObject({ enabled: true, status: 'HEALTHY' });
  expect(handled).toEqual([]);
  down = false;
  await untilFinished();
  expect(handled.map(({ rawBody }) => rawBody).sort()).toEqual([...bodies].sort());
  for (const places of placesByEntity(bodies, handled)) expect(places).toSatisfy(ascending);
});

test('an event that always fails becomes a dead letter that can be replayed, and every other delivery is handled', async () => {
  let poisonous = true;
  const { blue, handled, dead, start, untilFinished } = integration(
    ({ rawBody }) => {
      if (poisonous && rawBody.includes('poison')) throw new Error('no handler survives this');
    },
    { retry: { ...shortened, maxAttempts: 6 } },
  );
  const inbox = await start();
  const fates = [
    await blue.emit('TODO_CREATED', { currentValue: { id: 'a', title: 'poison' } }),
    await blue.emit('TODO_MOVED', { currentValue: { id: 'a' } }),
    await blue.emit('TODO_MOVED', { currentValue: { id: 'b' } }),
    await blue.emit(oddities.unknownEvent()),
  ];
  await untilFinished();
  expect(fates.map(({ outcome }) => outcome)).toEqual(fates.map(() => 'delivered'));
  expect(blue.webhook.enabled).toBe(true);
  const idOf = ({ signature = '' }: (typeof fates)[number]) => signature.slice(0, 32);
  const [poison, ...others] = fates.map(idOf);
  expect(dead).toEqual([poison]);
  expect(handled.map(({ id }) => id).sort()).toEqual(others.sort());
  expect(await inbox.get(poison ?? '')).toMatchObject({ state: 'dead', attempts: 6 });
  poisonous = false;
  expect(await inbox.replay({ state: 'dead' })).toBe(1);
  await untilFinished();
  expect(handled.at(-1)?.id).toBe(poison);
});

test('handlers of 60 seconds, and duplicates, cost no attempt, and each delivery is handled once', async () => {
  const { clock, blue, handled, start, untilFinished, twiceAtOnce } = integration(() => clock.sleep(60_000));
  await start();
  const fates = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      blue.emit('TODO_MOVED', { currentValue: { id: `record ${i % 7}`, title: `${i}` } }),
    ),
  );
  for (const fate of fates) await blue.redeliver(fate);
  await untilFinished();
  expect(blue.report.counts).toMatchObject({ failed: 0, dropped: 0, missed: 0 });
  expect(blue.report.attempts.every(({ status }) => status === 204)).toBe(true);
  expect(handled.map(({ rawBody }) => rawBody).sort()).toEqual(fates.map(({ body }) => body).sort());
  expect(twiceAtOnce()).toBe(0);
});

test('redeploys every few seconds, with slow handlers, lose no delivery and keep the webhook enabled', async () => {
  const { clock, blue, handled, start, stop, untilFinished, twiceAtOnce } = integration(
    ({ signal }) =>
      new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        void clock.sleep(2_000).then(resolve);
      }),
  );
  await start();
  const fates = Array.from({ length: 60 }, (_, i) =>
    blue.emit('TODO_MOVED', { currentValue: { id: `record ${i % 9}`, title: `${i}` } }, { delayMs: i * 500 }),
  );
  for (let deployment = 0; deployment < 10; deployment++) {
    await clock.sleep(3_000);
    const goOn = clock.pause(); // a stop and a start are real work
    await stop(0);
    goOn();
    await clock.sleep(1_500); // no server listens
    const resume = clock.pause();
    await start();
    resume();
  }
  const ended = await Promise.all(fates);
  await untilFinished();
  expect(ended.filter(({ outcome }) => outcome !== 'delivered')).toEqual([]);
  expect(ended.some(({ attempts }) => attempts.length > 1)).toBe(true);
  expect(blue.webhook.enabled).toBe(true);
  expect(handled.map(({ rawBody }) => rawBody).sort()).toEqual(ended.map(({ body }) => body).sort());
  expect(twiceAtOnce()).toBe(0);
});

test('a disabled webhook can be enabled again only while the inbox can write', async () => {
  const { blue, start, stop } = integration(() => {});
  blue.disable();
  expect((await blue.enable()).enabled).toBe(false); // no server listens
  await start();
  expect((await blue.enable()).enabled).toBe(true);
  await stop(0);
});
