import type { ServerResponse } from 'node:http';
import { createReceiver } from '@blue-webhooks/core';
import {
  type Attempt,
  type BlueSimulator,
  createBlueSimulator,
  createVirtualClock,
  type Disabled,
  type SimulatorOptions,
} from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { answer, handledBy, hang, type Respond, startReceiver } from '../http-receiver';
import { opensslHmacs } from '../openssl';

const secret = 'blue-test-secret-1';

/** A simulated Blue in virtual time, and a receiver over real HTTP. */
async function connect(respond: Respond, options: Partial<SimulatorOptions> = {}) {
  const receiver = await startReceiver(respond);
  // A receiver that hangs never responds; the others get enough time on a busy machine.
  const clock = createVirtualClock({ patienceMs: respond === hang ? 20 : 10_000 });
  const disabled: Disabled[] = [];
  const onDisabled = (heard: Disabled) => disabled.push(heard);
  const blue = createBlueSimulator({ url: receiver.url, secret, clock, onDisabled, ...options });
  return { blue, receiver, clock, disabled };
}

const gapsMs = (attempts: readonly Attempt[]) =>
  attempts.slice(1).map((next, place) => {
    const { startedAtMs, durationMs } = attempts[place] as Attempt;
    return next.startedAtMs - startedAtMs - durationMs;
  });
const enabledAfter = (attempts: readonly Attempt[]) => attempts.map(({ webhook }) => webhook.enabled);
const state = ({ webhook }: BlueSimulator) => ({ status: webhook.status, enabled: webhook.enabled });

describe('against a receiver that always answers 500', () => {
  test('a delivery is attempted five times, with doubling delays, and then the webhook is disabled', async () => {
    const { blue, receiver, clock } = await connect(answer(500));
    const startedAtMs = clock.now();
    const { outcome, attempts } = await blue.emit('TODO_MOVED');
    expect(outcome).toBe('failed');
    expect(attempts.map(({ attempt, status }) => [attempt, status])).toEqual([1, 2, 3, 4, 5].map((n) => [n, 500]));
    expect(attempts[0]?.startedAtMs).toBe(startedAtMs + 5_000);
    expect(gapsMs(attempts)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(enabledAfter(attempts)).toEqual([true, true, true, true, false]);
    expect(receiver.arrived).toHaveLength(5);
    expect(state(blue)).toEqual({ status: 'UNHEALTHY', enabled: false });
  });

  test('every attempt has the same bytes and the same signature, which openssl confirms', async () => {
    const { blue, receiver } = await connect(answer(500));
    const { body, signature, attempts } = await blue.emit('COMMENT_CREATED');
    const [hmac] = opensslHmacs([body], secret);
    expect(signature).toBe(hmac);
    for (const { body: bytes, headers, method } of receiver.arrived) {
      expect(bytes.toString()).toBe(body);
      expect(headers).toMatchObject({ 'x-signature': hmac, 'content-type': 'application/json' });
      expect(method).toBe('POST');
    }
    expect(new Set(attempts.map(({ deliveryId }) => deliveryId))).toEqual(new Set([hmac?.slice(0, 32)]));
  });

  test('the creator is notified once, and waiting deliveries are dropped and counted', async () => {
    const { blue, clock, disabled } = await connect(answer(500));
    const fates = await Promise.all([
      blue.emit('TODO_MOVED'),
      blue.emit('TODO_DELETED'),
      blue.emit('TAG_CREATED', {}, { delayMs: 3_600_000 }),
    ]);
    expect(fates.map(({ outcome }) => outcome)).toEqual(['failed', 'dropped', 'dropped']);
    expect(fates.map(({ attempts }) => attempts.length)).toEqual([5, 4, 0]);
    expect(disabled).toEqual([
      {
        webhook: blue.webhook,
        attempt: expect.objectContaining({ attempt: 5, event: 'TODO_MOVED', status: 500 }),
        dropped: 2,
      },
    ]);
    expect(blue.report.counts).toMatchObject({ failed: 1, dropped: 2, missed: 0 });
    // At the time of the fifth failure: nothing waits for a delivery that will not be made.
    expect(clock.now()).toBe(disabled[0]?.attempt.startedAtMs);
  });

  test('two deliveries that fail for the fifth time together disable the webhook once', async () => {
    const waiting: ServerResponse[] = [];
    const inPairs: Respond = (_arrived, response) => {
      waiting.push(response);
      if (waiting.length === 2) for (const response of waiting.splice(0)) response.writeHead(500).end();
    };
    const { blue, disabled } = await connect(inPairs, { concurrency: 2 });
    const fates = await Promise.all([blue.emit('TODO_MOVED'), blue.emit('TODO_DELETED')]);
    expect(fates.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(disabled).toHaveLength(1);
    expect(disabled[0]?.dropped).toBe(0);
  });

  test('later events are not sent, and what was missed is listed', async () => {
    const { blue, receiver, clock, disabled } = await connect(answer(500));
    await blue.emit('TODO_MOVED');
    const emittedAtMs = clock.now();
    const { outcome, attempts } = await blue.emit('TAG_CREATED');
    expect([outcome, attempts]).toEqual(['missed', []]);
    expect(receiver.arrived).toHaveLength(5);
    expect(blue.report.missed).toEqual([
      {
        event: 'TODO_MOVED',
        entityId: 'clb4zna6x0000vt1swuwso25f',
        emittedAtMs: emittedAtMs - 20_000,
        outcome: 'failed',
      },
      { event: 'TAG_CREATED', entityId: 'claktb2x9000qvt64n5e7r1ya', emittedAtMs, outcome: 'missed' },
    ]);
    expect(disabled).toHaveLength(1);
  });

  test('the delays follow the options: fixed, and with jitter as in BullMQ', async () => {
    const fixed = await connect(answer(500), { backoff: { type: 'fixed', delayMs: 250 }, delayMs: 0 });
    const { attempts } = await fixed.blue.emit('TODO_MOVED');
    expect(gapsMs(attempts)).toEqual([250, 250, 250, 250]);
    expect(attempts[0]?.startedAtMs).toBe(Date.parse('2026-01-13T08:00:00.000Z'));

    const backoff = { type: 'exponential', delayMs: 1_000, jitter: 0.5 } as const;
    const jittered = await connect(answer(500), { backoff, random: () => 0.25 });
    const { attempts: others } = await jittered.blue.emit('TODO_MOVED');
    expect(gapsMs(others)).toEqual([625, 1_250, 2_500, 5_000]);
  });
});

describe('against a receiver that hangs', () => {
  test('each attempt ends at seven seconds', async () => {
    const { blue } = await connect(hang);
    const { outcome, attempts } = await blue.emit('TODO_MOVED');
    expect(outcome).toBe('failed');
    expect(attempts.map(({ durationMs }) => durationMs)).toEqual([7_000, 7_000, 7_000, 7_000, 7_000]);
    expect(attempts.every(({ status, error }) => status === undefined && error === 'no answer within 7000 ms')).toBe(
      true,
    );
    expect(gapsMs(attempts)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(state(blue)).toEqual({ status: 'UNHEALTHY', enabled: false });
  });

  test('also if only the end of the response is missing', async () => {
    const receiver = await startReceiver((_arrived, response) => response.writeHead(200).write('half'));
    const blue = createBlueSimulator({ url: receiver.url, secret, clock: createVirtualClock({ patienceMs: 20 }) });
    const { attempts } = await blue.emit('TODO_MOVED');
    expect(attempts.map(({ durationMs, status }) => [durationMs, status])).toEqual(Array(5).fill([7_000, undefined]));
  });

  test('a handler that sleeps on the clock is slow in its time: 6.9 seconds are in time, 7.1 are not', async () => {
    const clock = createVirtualClock({ patienceMs: 20 });
    const durationsMs = [7_100, 6_900];
    const receiver = await startReceiver(async (_arrived, response, place) => {
      await clock.sleep(durationsMs[place - 1] as number);
      response.writeHead(204).end();
    });
    const blue = createBlueSimulator({ url: receiver.url, secret, clock });
    const { outcome, attempts } = await blue.emit('TODO_MOVED');
    expect(outcome).toBe('delivered');
    expect(attempts.map(({ durationMs, status }) => [durationMs, status])).toEqual([
      [7_000, undefined],
      [6_900, 204],
    ]);
  });
});

describe('against a receiver that recovers', () => {
  test('at the fourth attempt, the webhook stays enabled', async () => {
    const { blue, disabled } = await connect(answer(500, 500, 500, 200));
    const { outcome, attempts } = await blue.emit('TODO_MOVED');
    expect(outcome).toBe('delivered');
    expect(attempts.map(({ status }) => status)).toEqual([500, 500, 500, 200]);
    expect(state(blue)).toEqual({ status: 'HEALTHY', enabled: true });
    expect(disabled).toEqual([]);
    expect(blue.report.missed).toEqual([]);
  });

  test('at the fifth and last attempt, too', async () => {
    const { blue } = await connect(answer(500, 404, 401, 302, 299));
    const { outcome, attempts } = await blue.emit('TODO_MOVED');
    expect(outcome).toBe('delivered');
    expect(attempts.map(({ status }) => status)).toEqual([500, 404, 401, 302, 299]);
    expect(state(blue).enabled).toBe(true);
  });

  test('failures of several deliveries do not add up', async () => {
    const { blue } = await connect(answer(500, 500, 200), { concurrency: 1 });
    for (let i = 0; i < 5; i++) expect((await blue.emit('TODO_MOVED')).outcome).toBe('delivered');
    expect(state(blue).enabled).toBe(true);
  });
});

describe('the health check', () => {
  test('is sent signed when the webhook is enabled, and enables it if the response is a 2xx', async () => {
    const events: string[] = [];
    const receiver = createReceiver({ secret }).on('WEBHOOK_HEALTH_CHECK', ({ event, webhook }) => {
      events.push(`${event} ${webhook?.status} ${webhook?.enabled}`);
    });
    const { blue, receiver: http } = await connect(handledBy(receiver));
    blue.disable();
    expect(await blue.enable()).toMatchObject({ status: 'HEALTHY', enabled: true });
    expect(events).toEqual(['WEBHOOK_HEALTH_CHECK HEALTHY false']);
    const [arrived] = http.arrived;
    expect(opensslHmacs([arrived?.body ?? ''], secret)).toEqual([arrived?.headers['x-signature']]);
    expect(Object.keys(JSON.parse(String(arrived?.body)))).toEqual(['event', 'webhook']);
    expect((await blue.emit('TODO_MOVED')).outcome).toBe('delivered');
  });

  test('leaves the webhook disabled after any other response, or none within seven seconds', async () => {
    const failing = await connect(answer(500));
    await failing.blue.emit('TODO_MOVED');
    expect(await failing.blue.enable()).toMatchObject({ status: 'UNHEALTHY', enabled: false });
    expect(failing.receiver.arrived).toHaveLength(6);
    expect((await failing.blue.emit('TODO_MOVED')).outcome).toBe('missed');
    expect(failing.disabled).toHaveLength(1);

    const hanging = await connect(hang);
    hanging.blue.disable();
    expect(await hanging.blue.enable()).toMatchObject({ status: 'UNHEALTHY', enabled: false });
    expect(hanging.blue.report.attempts).toMatchObject([
      { event: 'WEBHOOK_HEALTH_CHECK', durationMs: 7_000, status: undefined, webhook: { enabled: false } },
    ]);
  });

  test('is not sent to a new webhook, which is enabled', async () => {
    const { blue, receiver } = await connect(answer(200));
    expect(state(blue)).toEqual({ status: 'HEALTHY', enabled: true });
    await blue.emit('TODO_MOVED');
    expect(receiver.arrived).toHaveLength(1);
  });

  test('does not enable a webhook that is disabled while it runs', async () => {
    const { blue } = await connect(answer(200));
    const enabling = blue.enable();
    blue.disable();
    expect((await enabling).enabled).toBe(false);
  });

  test('enables again after the receiver has recovered, and events are delivered', async () => {
    const { blue } = await connect(answer(500, 500, 500, 500, 500, 200));
    expect((await blue.emit('TODO_MOVED')).outcome).toBe('failed');
    expect((await blue.emit('TODO_MOVED')).outcome).toBe('missed');
    expect(await blue.enable()).toMatchObject({ status: 'HEALTHY', enabled: true });
    expect((await blue.emit('TODO_MOVED')).outcome).toBe('delivered');
  });
});

test('a disabled webhook drops unfinished deliveries, and sends nothing', async () => {
  const { blue, receiver, disabled } = await connect(answer(200));
  const fate = blue.emit('TODO_MOVED');
  expect(blue.disable().enabled).toBe(false);
  expect((await fate).outcome).toBe('dropped');
  expect((await blue.emit('TODO_MOVED')).outcome).toBe('missed');
  expect(receiver.arrived).toEqual([]);
  expect(disabled).toEqual([]);
});

test('a delivery that waits when the webhook is disabled is not sent', async () => {
  const { blue, receiver } = await connect((_arrived, response) => {
    blue.disable();
    response.writeHead(200).end();
  });
  const fates = [blue.emit('TODO_MOVED'), blue.emit('TODO_DELETED')];
  expect((await Promise.all(fates)).map(({ outcome }) => outcome)).toEqual(['delivered', 'dropped']);
  expect(receiver.arrived).toHaveLength(1);
});

test('a request that runs when the webhook is disabled still counts if it is accepted', async () => {
  const clock = createVirtualClock({ patienceMs: 500 });
  const receiver = await startReceiver(async ({ body }, response) => {
    const slow = JSON.parse(body.toString()).event === 'TAG_CREATED';
    if (slow) await clock.sleep(5_000);
    response.writeHead(slow ? 200 : 500).end();
  });
  const blue = createBlueSimulator({ url: receiver.url, secret, clock, concurrency: 2, delayMs: 0 });
  const failing = blue.emit('TODO_MOVED');
  const slow = blue.emit('TAG_CREATED', {}, { delayMs: 14_000 }); // under way at 15 s, when the fifth attempt fails
  expect((await failing).outcome).toBe('failed');
  expect((await slow).outcome).toBe('delivered');
  expect((await slow).attempts[0]?.webhook.enabled).toBe(false);
});

test('the report has every attempt: its time, duration, response, and the webhook after it', async () => {
  const heard: Attempt[] = [];
  const { blue } = await connect(answer(500, 200), { onAttempt: (attempt) => heard.push(attempt) });
  const { signature } = await blue.emit('TODO_MOVED');
  const webhook = { status: 'HEALTHY', enabled: true };
  const same = { deliveryId: signature?.slice(0, 32), event: 'TODO_MOVED', duplicate: false, durationMs: 0, webhook };
  const startMs = Date.parse('2026-01-13T08:00:00.000Z');
  expect(blue.report.attempts).toEqual([
    { ...same, attempt: 1, startedAtMs: startMs + 5_000, status: 500, error: undefined },
    { ...same, attempt: 2, startedAtMs: startMs + 6_000, status: 200, error: undefined },
  ]);
  expect(heard).toEqual(blue.report.attempts);
});

test('the behaviour is the same in real time', async () => {
  const receiver = await startReceiver(answer(500, 500, 200));
  const backoff = { type: 'fixed', delayMs: 20 } as const;
  const blue = createBlueSimulator({ url: receiver.url, secret, delayMs: 10, backoff });
  const startedAtMs = Date.now();
  const { outcome, attempts } = await blue.emit('TODO_MOVED');
  expect(outcome).toBe('delivered');
  expect(attempts.map(({ status }) => status)).toEqual([500, 500, 200]);
  expect(Math.min(...gapsMs(attempts))).toBeGreaterThanOrEqual(18);
  expect(attempts[0]?.startedAtMs).toBeGreaterThanOrEqual(startedAtMs + 8);
});
