import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createReceiver } from '@blue-webhooks/core';
import { createBlueSimulator, createVirtualClock, scenario } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { answer, handledBy, type Respond, startReceiver } from '../http-receiver';
import { opensslHmacs } from '../openssl';

const secret = 'blue-test-secret-1';

test('a scenario of 10,000 events arrives complete, genuine and without drift, in bounded memory', {
  timeout: 240_000,
}, async () => {
  setFlagsFromString('--expose_gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heapBytes = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };

  const seen = { known: 0, unknown: 0, drifted: 0 };
  const receiver = createReceiver({ secret, onDrift: () => seen.drifted++, onOutcome: () => seen.known++ }).onUnknown(
    () => seen.unknown++,
  );
  const heaps: number[] = [];
  let batch: { body: Buffer; signature: unknown }[] = [];
  const checkBatch = () => {
    const hmacs = opensslHmacs(
      batch.map(({ body }) => body),
      secret,
    );
    expect(hmacs).toEqual(batch.map(({ signature }) => signature));
    batch = [];
    heaps.push(heapBytes());
  };
  const handle = handledBy(receiver);
  const respond: Respond = (arrived, response, place) => {
    batch.push({ body: arrived.body, signature: arrived.headers['x-signature'] });
    if (batch.length === 1_000) checkBatch();
    handle(arrived, response, place);
  };
  const http = await startReceiver(respond, { keep: false });
  const clock = createVirtualClock({ patienceMs: 60_000 });
  const blue = createBlueSimulator({ url: http.url, secret, clock });
  const steps = scenario({ seed: 11, days: 20, records: 1_000 });
  const { counts } = await blue.play(steps);
  checkBatch();

  expect(counts).toEqual({ delivered: 10_008, failed: 0, dropped: 0, missed: 0, unsubscribed: 0 });
  expect(seen).toEqual({ known: 10_008, unknown: 0, drifted: 0 });
  expect(blue.report.attempts).toHaveLength(10_000);
  // From the second thousand on, only the report grows, by some hundred bytes an attempt.
  const [, second = 0] = heaps;
  expect(Math.max(...heaps.slice(2)) - second).toBeLessThan(16 * 1024 * 1024);
});

test('events are emitted at the times of the scenario, or at your own pace', async () => {
  const http = await startReceiver(answer(204));
  const atTheirTime = createBlueSimulator({ url: http.url, secret, clock: createVirtualClock({ patienceMs: 10_000 }) });
  const steps = [...scenario({ records: 5, days: 2 })];
  const { attempts } = await atTheirTime.play(steps);
  const startMs = Date.parse('2026-01-13T08:00:00.000Z') + 5_000;
  const firstAtMs = steps[0]?.atMs ?? 0;
  expect(attempts.map(({ startedAtMs }) => startedAtMs - startMs)).toEqual(steps.map(({ atMs }) => atMs - firstAtMs));

  const clock = createVirtualClock({ patienceMs: 10_000 });
  const atPace = createBlueSimulator({ url: http.url, secret, clock, delayMs: 0 });
  const { attempts: paced } = await atPace.play(steps, { everyMs: 250 });
  expect(paced.map(({ startedAtMs }) => startedAtMs - clock.now())).toEqual(
    steps.map((_, place) => (place + 1 - steps.length) * 250),
  );
});

test('a webhook that is disabled halfway misses the rest', async () => {
  const http = await startReceiver((_arrived, response, place) => response.writeHead(place <= 30 ? 204 : 500).end());
  const blue = createBlueSimulator({ url: http.url, secret, clock: createVirtualClock({ patienceMs: 10_000 }) });
  const steps = [...scenario({ records: 10, days: 2 })];
  const { counts, missed } = await blue.play(steps);
  expect(counts).toMatchObject({ delivered: 30, failed: 1 });
  expect(counts.dropped + counts.missed).toBe(steps.length - 31);
  expect(missed.map(({ entityId }) => entityId)).toEqual(steps.slice(30).map(({ entityId }) => entityId));
});

test('at most a hundred events wait for a slow receiver', async () => {
  let most = 0;
  let emitted = 0;
  const steps = function* () {
    for (const step of scenario({ records: 40 })) {
      emitted += 1;
      yield step;
    }
  };
  const http = await startReceiver((_arrived, response, place) => {
    most = Math.max(most, emitted - place);
    response.writeHead(204).end();
  });
  const clock = createVirtualClock({ patienceMs: 10_000 });
  const blue = createBlueSimulator({ url: http.url, secret, clock });
  const { counts } = await blue.play(steps(), { everyMs: 0 });
  expect(counts.delivered).toBe(408);
  expect(most).toBeLessThanOrEqual(101);
  expect(most).toBeGreaterThan(50);
});

test('an invalid pace and a step without a payload are refused', async () => {
  const blue = createBlueSimulator({ url: 'http://localhost/', secret, clock: createVirtualClock() });
  await expect(blue.play([], { everyMs: -1 })).rejects.toThrow(TypeError);
  await expect(blue.play([{ atMs: 0, payload: {} as { event: string } }])).rejects.toThrow(TypeError);
});
