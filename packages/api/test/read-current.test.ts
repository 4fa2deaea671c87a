import { readCurrent } from '@blue-webhooks/api';
import { type BlueEvent, type EventName, eventNames } from '@blue-webhooks/core';
import { parseVerified } from '@blue-webhooks/core/adapter';
import { scenario } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { world } from './world';

const unlimited = { key: 100_000, user: 100_000, organization: 100_000 };
type Row = Record<string, unknown> & { id: string };

/** A workspace with records, and the last event of each entity. */
async function played(generation: 'A' | 'B' | 'C') {
  const { blue, client } = world({ generation, requestsPerMinute: unlimited });
  const network = { down: false };
  const fetch = (request: Request) =>
    network.down ? Promise.reject(new TypeError('fetch failed')) : blue.api.fetch(request);
  const steps = [...scenario({ seed: 4, records: 12 })];
  await blue.play(steps);
  const events = steps.map(({ payload }) => parseVerified(JSON.stringify(payload)).event);
  const of = (names: readonly EventName[]) =>
    events.filter(({ event }) => (names as readonly string[]).includes(event));
  return { blue, of, network, client: client({ requestsPerMinute: 100_000, maxRetries: 0, fetch }) };
}

const rowOf = (event: BlueEvent) =>
  ((event as unknown as { currentValue: Row | null }).currentValue ??
    (event as unknown as { previousValue: Row }).previousValue) as Row;

test.each(['A', 'B', 'C'] as const)('reads each kind of entity as it is now (generation %s)', async (generation) => {
  const { blue, of, client } = await played(generation);
  for (const kind of ['record', 'list', 'tag', 'customField', 'checklist', 'checklistItem', 'comment'] as const) {
    const server = new Map(
      (blue.api.rows(kind) as Row[]).filter(({ deletedAt }) => !deletedAt).map((row) => [row.id, row]),
    );
    const events = of(eventNames[kind] as readonly EventName[]).slice(-8);
    expect(events.length).toBeGreaterThan(0);
    const rows = await Promise.all(events.map((event) => readCurrent(client, event)));
    for (const [place, event] of events.entries()) {
      const expected = server.get(rowOf(event).id);
      expect(rows[place]?.updatedAt).toBe(expected?.updatedAt);
      expect(rows[place]?.title ?? rows[place]?.name).toBe(expected?.title ?? expected?.name);
    }
  }
});

test('batches waiting reads, and reads again what is requested during a read', async () => {
  const { blue, of, client } = await played('C');
  await client.features();
  const before = blue.api.requests.length;
  const events = of(eventNames.record as readonly EventName[]).slice(0, 90);
  const first = Promise.all(events.map((event) => readCurrent(client, event)));
  const [event] = events as [BlueEvent];
  let asked: Promise<unknown> | undefined;
  blue.api.onRequest = () => {
    if (asked) return;
    blue.api.patch('record', rowOf(event).id, { title: 'Renamed meanwhile' });
    asked = readCurrent(client, event);
  };
  await first;
  expect(await asked).toMatchObject({ title: 'Renamed meanwhile' });
  expect(blue.api.requests.length - before).toBe(4);
});

test('returns undefined for a hidden entity, passes a failure to every caller, and continues after it', async () => {
  const { blue, of, network, client } = await played('C');
  const [record] = blue.api.rows('record') as Row[];
  const event = of(['TODO_CREATED']).find((each) => rowOf(each).id === record?.id) as BlueEvent;
  blue.api.hide(rowOf(event).id);
  expect(await readCurrent(client, event)).toBeUndefined();
  network.down = true;
  const failed = await Promise.allSettled([readCurrent(client, event), readCurrent(client, event)]);
  expect(failed).toMatchObject([{ reason: { code: 'NETWORK' } }, { reason: { code: 'NETWORK' } }]);
  network.down = false;
  blue.api.show(rowOf(event).id);
  expect(await readCurrent(client, event)).toMatchObject({ id: rowOf(event).id });
});

test('ends the wait of one caller with its signal, and reads on for the others', async () => {
  const { blue, of, client } = await played('C');
  await client.features();
  const living = new Set(blue.api.rows('record').map(({ id }) => id));
  const [one, other] = of(['TODO_CREATED']).filter((each) => living.has(rowOf(each).id)) as [BlueEvent, BlueEvent];
  const controller = new AbortController();
  blue.api.onRequest = () => controller.abort(new Error('The attempt is over.'));
  const ended = readCurrent(client, one, { signal: controller.signal });
  const read = readCurrent(client, other);
  await expect(ended).rejects.toThrow('The attempt is over.');
  expect(await read).toMatchObject({ id: rowOf(other).id });
  const before = blue.api.requests.length;
  await expect(readCurrent(client, one, { signal: controller.signal })).rejects.toThrow('The attempt is over.');
  expect(blue.api.requests).toHaveLength(before);
});

test('throws TypeError for an event without an entity', async () => {
  const { client } = world();
  const check = parseVerified('{"event":"WEBHOOK_HEALTH_CHECK"}').event;
  await expect(readCurrent(client(), check)).rejects.toThrow('WEBHOOK_HEALTH_CHECK has none');
});
