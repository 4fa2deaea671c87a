import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixtures, type SignedDelivery } from '@blue-webhooks/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startWorker, type WorkerUnderTest } from '../../queue/test/services/cloudflare';
import type { InboxStats } from '../src/index';
import { healthCheck, moved, secret, signed } from './endpoint';

const hour = 3_600_000;
const record = (id: string, title: string) => signed(moved(id, { title }));
const created = (id: string, title: string) => {
  const payload = fixtures.TODO_CREATED;
  return signed({ ...payload, currentValue: { ...payload.currentValue, id, title } });
};

/** The Worker of the tests. Runs without a compatibility flag: the inbox needs none of Node's modules. */
const workerOf = (options: object, crm?: (body: string) => unknown): WorkerUnderTest => ({
  entry: fileURLToPath(new URL('durable-object/worker.ts', import.meta.url)),
  bindings: {
    SECRET: secret,
    OPTIONS: JSON.stringify({ retry: { firstDelayMs: 300, maxDelayMs: 300, jitter: 0 }, leaseMs: 600, ...options }),
  },
  objects: { INBOX: { className: 'TestInbox' } },
  ...(crm && { crm }),
});

/** What the tests do with an object. */
function objectAt(url: string) {
  const send = (path: string, { body, headers }: SignedDelivery) =>
    fetch(new URL(path, url), { method: 'POST', body, headers }).then(({ status }) => status);
  return {
    post: (delivery: SignedDelivery) => send('/webhooks/blue', delivery),
    /** Sends a delivery, and evicts the object before it answers. */
    postEvicted: (delivery: SignedDelivery) => send('/evict', delivery).catch(() => 0),
    /** Calls a method of the inbox. */
    async call(name: string, argument: unknown = {}) {
      const response = await fetch(new URL(`/${name}`, url), { method: 'POST', body: JSON.stringify(argument) });
      return response.json() as Promise<unknown>;
    },
    async evict() {
      await fetch(new URL('/abort', url), { method: 'POST', body: '{}' }).catch(() => {});
    },
  };
}

type TestObject = ReturnType<typeof objectAt>;

/** Starts the Worker. What its handlers send to the CRM is in `calls`. */
async function started(options: object = {}, answer: (body: string) => unknown = () => {}) {
  const calls: string[] = [];
  const { url } = await startWorker(
    workerOf(options, (body) => {
      calls.push(body);
      return answer(body);
    }),
  );
  return { calls, ...objectAt(url) };
}

const statsOf = async ({ call }: Pick<TestObject, 'call'>) => (await call('stats')) as InboxStats;
const alarmIn = async ({ call }: Pick<TestObject, 'call'>) => (await call('alarmIn')) as number | null;
const until = (ask: () => unknown, expected: unknown) => expect.poll(ask, { timeout: 15_000 }).toEqual(expected);
const down = () => {
  throw new Error('The CRM is down.');
};

describe('an inbox in a Durable Object', () => {
  test('stores a delivery, answers, and handles it in the alarm; a forged one is refused', async () => {
    const object = await started();
    expect(await alarmIn(object)).toBe(null);
    expect(await object.post(await healthCheck())).toBe(204);
    expect(await alarmIn(object)).toBe(null);
    const delivery = await record('a', 'Zoë 😀');
    expect(await object.post({ ...delivery, body: delivery.body.slice(1) })).toBe(401);
    expect(await object.post(delivery)).toBe(204);
    await until(() => object.calls, ['1 a Zoë 😀']);
    expect(await object.post(delivery)).toBe(204);
    await until(async () => (await statsOf(object)).done, 1);
    expect(object.calls).toHaveLength(1);
  });

  test('sets the alarm for the next retry, and without any for the deletion of what is done', async () => {
    let isDown = true;
    const retry = { firstDelayMs: 2_000, maxDelayMs: 2_000, jitter: 0 };
    const object = await started({ retry }, () => isDown && down());
    expect(await object.post(await record('a', '1'))).toBe(204);
    await until(async () => [object.calls.length, (await statsOf(object)).waiting], [1, 1]);
    await expect.poll(() => alarmIn(object)).toBeLessThan(2_000);
    expect(await alarmIn(object)).toBeGreaterThan(500);
    isDown = false;
    await until(() => object.calls, ['1 a 1', '2 a 1']);
    await expect.poll(() => alarmIn(object)).toBeGreaterThan(6 * 24 * hour);
    await object.call('prune', {});
    expect(await object.call('events')).toEqual(['stored', 'started', 'retried', 'started', 'succeeded']);
  });

  test('handles the deliveries of a record in order, while the first is retried and postponed', async () => {
    let failures = 2;
    const object = await started({}, (body) => {
      if (body.endsWith('a 1') && failures-- > 0) down();
    });
    for (const title of ['1', '2', '3']) expect(await object.post(await record('a', title))).toBe(204);
    expect(await object.post(await record('b', '1'))).toBe(204);
    await until(async () => (await statsOf(object)).done, 4);
    expect(object.calls.filter((call) => call.includes(' a '))).toEqual(['1 a 1', '2 a 1', '3 a 1', '1 a 2', '1 a 3']);
    expect(object.calls.filter((call) => call.includes(' b '))).toEqual(['1 b 1']);
  });

  test('leaves what waits for a breaker without an alarm until it lets an attempt begin', async () => {
    let isDown = true;
    const limit = { breaker: { failures: 1, pauseMs: 3_000 } };
    const object = await started({ limit }, () => isDown && down());
    expect(await object.post(await record('a', '1'))).toBe(204);
    await until(async () => [object.calls.length, (await statsOf(object)).limits.length], [1, 1]);
    expect(await object.post(await record('b', '1'))).toBe(204);
    await until(async () => (await object.call('list', { entityId: 'b' })) as object, {
      deliveries: [expect.objectContaining({ state: 'waiting', attempts: 0, limitKey: 'crm' })],
    });
    await expect.poll(() => alarmIn(object)).toBeGreaterThan(900);
    isDown = false;
    await until(async () => (await statsOf(object)).done, 2);
    expect(object.calls).toHaveLength(3);
  });

  test('decrypts what it handles, and erases all of it', async () => {
    const encrypt = { keys: [{ id: 'a', key: 'A'.repeat(43) }] };
    const object = await started({ encrypt });
    expect(await object.post(await record('a', 'Zoë 😀'))).toBe(204);
    await until(() => object.calls, ['1 a Zoë 😀']);
    await until(async () => (await statsOf(object)).done, 1);
    expect(await object.call('sql', 'SELECT substr(CAST(body AS TEXT), 1, 3) AS start FROM blue_bodies')).toEqual([
      { start: 'eyJ' },
    ]);
    expect(await object.call('erase', { entityId: 'a' })).toEqual({ erased: 1, active: 0 });
    expect(await object.call('sql', 'SELECT seq FROM blue_bodies')).toEqual([]);
  });

  test('continues a paced replay over the end of its alarms', async () => {
    const object = await started();
    for (const id of ['a', 'b', 'c']) expect(await object.post(await record(id, '1'))).toBe(204);
    await until(async () => (await statsOf(object)).done, 3);
    expect(await object.call('replayPaced')).toBe(3);
    await until(async () => [object.calls.length, (await statsOf(object)).done], [6, 3]);
  });

  test('makes a delivery a dead letter whose body was deleted by hand', async () => {
    const object = await started();
    await object.call('pause', { reason: 'an edit by hand' });
    expect(await object.post(await record('a', '1'))).toBe(204);
    await object.call('sql', 'DELETE FROM blue_bodies');
    await object.call('resume');
    await until(async () => (await statsOf(object)).dead, 1);
    expect(object.calls).toEqual([]);
  });

  test('keeps the alarm ahead while a handler runs for longer than a lease', async () => {
    const object = await started({ leaseMs: 600 }, () => new Promise((resolve) => setTimeout(resolve, 2_000)));
    expect(await object.post(await record('a', '1'))).toBe(204);
    await until(() => object.calls, ['1 a 1']);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await alarmIn(object)).toBeGreaterThan(0);
    await until(async () => (await statsOf(object)).done, 1);
    expect(object.calls).toEqual(['1 a 1']);
  });

  test('makes a delivery a dead letter after its last attempt, and handles it when it is replayed', async () => {
    let isDown = true;
    const retry = { maxAttempts: 2, firstDelayMs: 50, maxDelayMs: 50, jitter: 0 };
    const object = await started({ retry }, () => isDown && down());
    expect(await object.post(await record('a', '1'))).toBe(204);
    await until(async () => (await statsOf(object)).dead, 1);
    isDown = false;
    expect(await object.call('replay', { state: 'dead' })).toBe(1);
    await until(async () => (await statsOf(object)).done, 1);
    expect(object.calls).toEqual(['1 a 1', '2 a 1', '1 a 1']);
  });

  test('handles nothing while it is paused, also after an eviction, and everything when it is resumed', async () => {
    const object = await started();
    await object.call('pause', { reason: 'the CRM is being migrated' });
    for (const title of ['1', '2']) expect(await object.post(await record('a', title))).toBe(204);
    await object.evict();
    expect(await statsOf(object)).toMatchObject({ waiting: 1, held: 1 });
    expect(await alarmIn(object)).toBe(null);
    expect(object.calls).toEqual([]);
    expect(await object.call('resume')).toBe(true);
    await until(() => object.calls, ['1 a 1', '1 a 2']);
  });

  test('handles nothing after stop, keeps the alarm, and handles everything after start', async () => {
    const object = await started();
    await object.call('stop');
    expect(await object.call('health')).toMatchObject({ started: false, store: 'ok' });
    expect(await object.post(await record('a', '1'))).toBe(204);
    await expect.poll(() => alarmIn(object)).toBeGreaterThan(50_000);
    expect(object.calls).toEqual([]);
    await object.call('start');
    expect(await object.call('health')).toMatchObject({ started: true, store: 'ok' });
    await until(() => object.calls, ['1 a 1']);
  });

  test('commits the writes of a transaction handler and its success together', async () => {
    const object = await started({ retry: { maxAttempts: 3, firstDelayMs: 50, maxDelayMs: 50, jitter: 0 } });
    expect(await object.post(await created('a', 'broken'))).toBe(204);
    expect(await object.post(await created('b', 'fine'))).toBe(204);
    await until(() => statsOf(object), expect.objectContaining({ done: 1, dead: 1 }));
    expect(await object.call('sql', 'SELECT id FROM records')).toEqual([{ id: 'b' }]);
  });

  test('stores a body of 4 MB whole, and deletes all of it', async () => {
    const object = await started({ dedupeMs: hour });
    const large = await signed(moved('a', { title: 'large', html: 'é'.repeat(2_000_000) }));
    expect(await object.post(large)).toBe(204);
    await until(() => object.calls, ['1 a large']);
    await until(async () => (await statsOf(object)).done, 1);
    const { rawBody } = (await object.call('get', large.id)) as { rawBody: string };
    expect(rawBody === new TextDecoder().decode(large.body)).toBe(true);
    expect(await object.call('sql', 'SELECT count(*) AS parts FROM blue_body_parts')).toEqual([{ parts: 4 }]);
    expect(await object.call('sql', 'UPDATE blue_deliveries SET received_at = 0')).toEqual([]);
    expect(await object.call('prune')).toBe(1);
    expect(await object.call('sql', 'SELECT count(*) AS parts FROM blue_body_parts')).toEqual([{ parts: 0 }]);
  });
});

describe('an object that is evicted', () => {
  test('after it has stored a delivery, before it answers, handles it once', async () => {
    const object = await started();
    const delivery = await record('a', '1');
    expect(await object.postEvicted(delivery)).not.toBe(204);
    await until(() => object.calls, ['1 a 1']);
    expect(await object.post(delivery)).toBe(204); // Blue sends it again
    await until(async () => (await statsOf(object)).done, 1);
    expect(object.calls).toHaveLength(1);
  });

  test('while a handler runs, runs it again, and then what is behind it', async () => {
    let hang = () => {};
    const hanging = new Promise<void>((resolve) => {
      hang = resolve;
    });
    onTestFinished(() => hang());
    const object = await started({ leaseMs: 60_000 }, (body) => (body === '1 a 1' ? hanging : undefined));
    for (const title of ['1', '2']) expect(await object.post(await record('a', title))).toBe(204);
    await until(() => object.calls, ['1 a 1']);
    expect(await alarmIn(object)).toBeGreaterThan(50_000); // without a request, the next instance starts then
    await object.evict();
    expect(await object.post(await record('b', '1'))).toBe(204); // starts the next instance, if the alarm has not
    await until(() => object.calls.filter((call) => call.includes(' a ')), ['1 a 1', '2 a 1', '1 a 2']);
  });

  test('again and again loses nothing that was acknowledged, and overtakes nothing', async () => {
    const object = await started({ leaseMs: 400, retry: { firstDelayMs: 50, maxDelayMs: 50, jitter: 0 } });
    const records = ['a', 'b', 'c', 'd'];
    const titles = Array.from({ length: 12 }, (_, at) => `${at + 1}`);
    let isSending = true;
    const evictions = (async () => {
      let count = 0;
      for (; isSending; count++) {
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 120));
        await object.evict();
      }
      return count;
    })();
    const send = async (id: string) => {
      for (const title of titles) {
        const delivery = await record(id, title);
        while ((await object.post(delivery)) !== 204) await new Promise((resolve) => setTimeout(resolve, 10)); // as Blue does
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
      }
    };
    await Promise.all(records.map(send));
    isSending = false;
    expect(await evictions).toBeGreaterThan(5);
    await until(async () => (await statsOf(object)).done, records.length * titles.length);
    for (const id of records) {
      const handled = object.calls.filter((call) => call.includes(` ${id} `)).map((call) => call.split(' ')[2]);
      // At least once, and a later one never before an earlier one.
      expect(handled.filter((title, at) => title !== handled[at - 1])).toEqual(titles);
    }
  }, 60_000);

  test('with the whole runtime, between a delivery and its alarm, handles it after the restart without a request', async () => {
    const objectsPath = mkdtempSync(join(tmpdir(), 'blue-webhooks-objects-'));
    onTestFinished(() => rmSync(objectsPath, { recursive: true, force: true }));
    const retry = { firstDelayMs: 1_500, maxDelayMs: 1_500, jitter: 0 };
    let stop = async () => {};
    const first = await startWorker({ ...workerOf({ retry }, down), objectsPath }, (dispose) => {
      stop = dispose;
    });
    const object = objectAt(first.url);
    for (const title of ['1', '2']) expect(await object.post(await record('a', title))).toBe(204);
    await until(async () => [(await statsOf(object)).waiting, (await statsOf(object)).held], [1, 1]);
    await stop();
    const calls: string[] = [];
    await startWorker({ ...workerOf({ retry }, (body) => calls.push(body)), objectsPath });
    await until(() => calls, ['2 a 1', '1 a 2']);
  });
});

describe('an object that cannot work', () => {
  test('because a newer version wrote its tables answers 503 and reports it, and continues when it can', async () => {
    const object = await started();
    await object.call('pause', { reason: 'a deployment' });
    expect(await object.post(await record('a', '1'))).toBe(204);
    await object.call('sql', 'INSERT INTO blue_inbox_version VALUES (99, 0)');
    await object.evict();
    const second = await record('a', '2');
    expect(await object.post(second)).toBe(503);
    expect(await object.call('events')).toEqual(['store-failed']);
    await object.call('sql', 'DELETE FROM blue_inbox_version WHERE version = 99');
    expect(await object.post(second)).toBe(204);
    expect(await object.call('resume')).toBe(true);
    await until(() => object.calls, ['1 a 1', '1 a 2']);
  });

  test('because its class has no alarm acknowledges nothing', async () => {
    const { url } = await startWorker({ ...workerOf({}), objects: { INBOX: { className: 'WithoutAlarm' } } });
    expect(await objectAt(url).post(await record('a', '1'))).toBe(503);
  });

  test.each([
    ['without SQLite', false, {}, '`new_sqlite_classes`'],
    ['with a time limit longer than an alarm', true, { timeoutMs: 900_000 }, 'timeoutMs must be'],
    ['without a state', true, { state: null }, 'state must be the state of a Durable Object'],
  ])('is refused %s', async (_what, useSQLite, options, message) => {
    const { url } = await startWorker({ ...workerOf({}), objects: { INBOX: { className: 'Refused', useSQLite } } });
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(options) });
    const text = await response.text();
    expect(text).toMatch(/^TypeError: /);
    expect(text).toContain(message);
  });
});
