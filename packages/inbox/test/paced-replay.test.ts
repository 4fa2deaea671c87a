import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createReceiver } from '@blue-webhooks/core';
import { signedRequest } from '@blue-webhooks/testing';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { delivery } from '../src/contract/new-deliveries';
import { createInbox, memoryStore, sqliteStore } from '../src/index';
import { createReplays } from '../src/paced-replay';
import { testInbox } from '../src/testing';
import { eventually } from './endpoint';
import { scratchFile } from './scratch';

const secret = 'a secret of the tests';

describe('replays in virtual time', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  test.each([
    [1_000, 7],
    [10_000, 59],
    [2_500, 1_000],
  ])('%d never exceed %d per second, in any second', { timeout: 120_000 }, async (count, perSecond) => {
    const inbox = testInbox(createReceiver({ secret }), { order: 'none' });
    for (let i = 0; i < count; i++) {
      await inbox.accept({
        id: String(i).padStart(32, '0'),
        rawBody: `{"event":"TODO_MOVED","currentValue":{"id":"${i}","title":"T"}}`,
        signature: 'unsigned',
        secretId: undefined,
        receivedAt: new Date(),
        attempt: undefined,
        signal: new AbortController().signal,
      });
    }
    const before = inbox.elapsedMs;
    const times: number[] = [];
    let last = 0;
    const replayed = await inbox.replay(
      { state: 'waiting' },
      {
        perSecond,
        onProgress(progress) {
          for (; last < progress.replayed; last++) times.push(inbox.elapsedMs);
        },
      },
    );
    expect([replayed, times.length]).toEqual([count, count]);
    for (const [place, at] of times.entries()) {
      const next = times[place + perSecond];
      if (next !== undefined && next - at < 1_000) expect.fail(`${perSecond + 1} within ${next - at} ms`);
    }
    const slowest = (count / perSecond) * 1_100 + 1_000;
    expect(inbox.elapsedMs - before).toBeLessThan(slowest);
  });
});

test('a step that takes long makes no later second exceed the pace', async () => {
  let now = 0;
  const times: number[] = [];
  const store = memoryStore();
  for (let i = 0; i < 300; i++) await store.put(delivery());
  const slow = createReplays(
    {
      ...store,
      async replay(selection) {
        now += 1 + Math.random() * (times.length % 40 === 0 ? 3_000 : 60);
        times.push(now);
        return 'ids' in selection ? selection.ids.length : 0;
      },
    },
    {
      now: () => now,
      async sleep(ms) {
        now += ms - Math.random(); // timers can be early
      },
    },
  );
  expect(await slow.replay({ filter: { state: 'waiting' } }, { perSecond: 10 })).toBe(300);
  for (const [place, at] of times.entries()) {
    const next = times[place + 10];
    if (next !== undefined) expect(next - at).toBeGreaterThanOrEqual(1_000);
  }
});

test('replays in order of arrival, past deliveries that are active or held, and each once', async () => {
  const store = memoryStore();
  const order: string[] = [];
  const inbox = createInbox({
    receiver: createReceiver({ allowUnsigned: true }),
    store: {
      ...store,
      replay(selection) {
        if ('ids' in selection) order.push(...selection.ids);
        return store.replay(selection);
      },
    },
  });
  const deliveries = Array.from({ length: 30 }, () => delivery());
  for (const one of deliveries) await store.put(one);
  const [active, ...others] = await store.lease({ limit: 30, leaseMs: 30_000, findStale: false });
  for (const one of others) await store.settle(one, { type: 'dead', error: 'no' });
  const since = new Date(0);
  expect(await inbox.replay({ since }, { dryRun: true })).toBe(29);
  expect(order).toEqual([]);
  expect(await inbox.replay({ since }, { perSecond: 10_000 })).toBe(29);
  expect(order).toEqual(deliveries.map(({ id }) => id).filter((id) => id !== active?.delivery.id));
  expect(await inbox.replay({ state: 'dead' }, { perSecond: 1 })).toBe(0);
});

test('what is left of a replay whose process was killed is replayed by the next, and each delivery is handled once', async () => {
  const path = scratchFile();
  const handled: string[] = [];
  const inbox = createInbox({
    receiver: createReceiver({ allowUnsigned: true }).on('TODO_MOVED', (_event, { id }) => void handled.push(id)),
    store: sqliteStore(path),
    pollMs: 20,
  });
  onTestFinished(() => inbox.stop());
  const store = sqliteStore(path);
  onTestFinished(() => store.close());
  const rawBody = '{"event":"TODO_MOVED","currentValue":{"id":"1","title":"T"}}';
  for (let i = 0; i < 60; i++) await store.put(delivery({ rawBody }));
  const leases = await store.lease({ limit: 60, leaseMs: 30_000, findStale: false });
  for (const lease of leases) await store.settle(lease, { type: 'dead', error: 'no' });
  await inbox.start();

  const child = fork(fileURLToPath(new URL('limits/replay-child.ts', import.meta.url)), [path], {
    execArgv: ['--conditions', '@blue-webhooks/source', '--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  child.on('message', (replayed) => {
    if (Number(replayed) === 12) child.kill('SIGKILL');
  });
  await exited;
  const left = await inbox.replay({ state: 'dead' }, { dryRun: true });
  expect([left >= 40, left <= 48]).toEqual([true, true]);
  expect(await inbox.replay({ state: 'dead' }, { perSecond: 1_000 })).toBe(left);
  await eventually(async () => (await inbox.stats()).done === 60);
  expect([handled.length, new Set(handled).size]).toEqual([60, 60]);
});

test('handles what was replayed in virtual time, as the inbox would', async () => {
  let runs = 0;
  const inbox = testInbox(createReceiver({ secret }).on('TODO_CREATED', () => void runs++));
  await inbox.fetch(await signedRequest('TODO_CREATED', { secret, url: 'http://localhost/' }));
  await inbox.drain();
  expect(await inbox.replay({ state: 'done' }, { perSecond: 1 })).toBe(1);
  await inbox.drain();
  expect(runs).toBe(2);
});

test('rejects with the reason of a signal that has aborted, and replays nothing', async () => {
  const store = memoryStore();
  await store.put(delivery());
  const inbox = createInbox({ receiver: createReceiver({ secret }), store });
  const signal = AbortSignal.abort(new Error('Ctrl-C'));
  await expect(inbox.replay({ state: 'waiting' }, { perSecond: 1, signal })).rejects.toThrow('Ctrl-C');
});
