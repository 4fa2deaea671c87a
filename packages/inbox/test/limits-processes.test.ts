import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, type TestContext, test } from 'vitest';
import { delivery } from '../src/contract/new-deliveries';
import type { InboxStore } from '../src/index';
import { storeAt } from './crash/store-at';
import { eventually } from './endpoint';
import {
  type Downstream,
  killWorkers,
  startDownstream,
  startWorker,
  type Worker,
  type WorkerOptions,
} from './limits/workers';
import { scratchFile } from './scratch';
import { hasPostgres, postgresMissing, startPostgres } from './services/postgres';

afterAll(killWorkers);

const rawBody = '{"event":"TODO_MOVED","currentValue":{"id":"1","title":"T"}}';

interface Place {
  readonly title: string;
  readonly open: (context: TestContext) => Promise<string>;
}

const places: readonly Place[] = [
  { title: 'a SQLite file', open: async () => scratchFile() },
  {
    title: `PostgreSQL${postgresMissing}`,
    async open({ skip, onTestFinished }) {
      skip(!hasPostgres);
      const server = await startPostgres();
      onTestFinished(async () => {
        killWorkers();
        await server.stop();
      });
      return server.url;
    },
  },
];

interface Subject {
  readonly store: InboxStore;
  readonly downstream: Downstream;
  readonly workers: readonly Worker[];
}

/** Stores deliveries of as many entities, and starts three workers. */
async function start(
  { open }: Place,
  context: TestContext,
  limit: WorkerOptions['limit'],
  deliveries: number,
  mode: Downstream['mode'],
): Promise<Subject> {
  const path = await open(context);
  const store = storeAt(path);
  context.onTestFinished(() => store.close());
  for (let i = 0; i < deliveries; i++) await store.put(delivery({ rawBody }));
  const downstream = await startDownstream();
  downstream.mode = mode;
  context.onTestFinished(() => downstream.close());
  const workers = await Promise.all([1, 2, 3].map(() => startWorker({ path, url: downstream.url, limit })));
  context.onTestFinished(killWorkers);
  return { store, downstream, workers };
}

const workerOf = (workers: readonly Worker[], pid: number | undefined): Worker => {
  const found = workers.find((worker) => worker.pid === pid);
  if (!found) throw new Error(`No worker is process ${pid}.`);
  return found;
};

const PAUSE_MS = 300;
/** A call is made a moment after it was admitted. */
const TOLERANCE_MS = 100;

test.for(places)(
  'three workers on $title make one call in each pause to a server that is down, also after kill -9 of the one that calls',
  { timeout: 120_000 },
  async (place, context) => {
    const limit = { breaker: { failures: 3, pauseMs: PAUSE_MS } };
    const { store, downstream, workers } = await start(place, context, limit, 40, 'down');
    const messages = () => workers.flatMap((worker) => worker.messages);
    await eventually(() => messages().includes('breaker-opened'));
    await eventually(() => downstream.open.length === 0);
    await sleep(200);

    const before = downstream.calls.length;
    downstream.most = 0;
    await sleep(3_000);
    const probes = downstream.calls.slice(before);
    expect(probes.length).toBeGreaterThan(3);
    for (const [place, { at }] of probes.entries()) {
      if (place > 0) expect(at - (probes[place - 1]?.at ?? 0)).toBeGreaterThan(PAUSE_MS - TOLERANCE_MS);
    }
    expect(downstream.most).toBe(1);

    downstream.mode = 'hangs';
    const pid = await eventually(() => downstream.open[0]);
    await sleep(4 * PAUSE_MS);
    expect(downstream.open).toEqual([pid]); // the others wait for the end of the probe
    const calls = downstream.calls.length;
    await workerOf(workers, pid).kill('SIGKILL');
    downstream.mode = 'down';
    await eventually(() => downstream.calls.length > calls + 2);
    expect(downstream.calls.slice(calls).map((call) => call.pid)).not.toContain(pid);
    expect((await store.stats()).limits).toMatchObject([{ key: 'server', failures: 3, openSince: expect.any(Date) }]);

    downstream.mode = 'up';
    await eventually(async () => (await store.stats()).done === 40);
    expect(
      messages()
        .filter((message) => message !== 'started')
        .sort(),
    ).toEqual(['breaker-closed', 'breaker-opened']);
    expect((await store.stats()).dead).toBe(0);
  },
);

test.for(places)(
  'three workers on $title run as many attempts of a key as its limit allows, and kill -9 frees the place with the lease',
  { timeout: 120_000 },
  async (place, context) => {
    const { store, downstream, workers } = await start(place, context, { concurrency: 2 }, 30, 'hangs');
    await eventually(() => downstream.open.length === 2);
    await sleep(500);
    expect(downstream.calls).toHaveLength(2);
    const pid = downstream.open[0];
    downstream.mode = 'up';
    await workerOf(workers, pid).kill('SIGKILL');
    await eventually(() => downstream.calls.length > 2);
    downstream.most = 0;
    await eventually(async () => (await store.stats()).done >= 20);
    expect(downstream.most).toBe(2); // one of them hangs since the beginning, or was of the killed process
    for (const worker of workers) if (worker.pid !== pid) await worker.kill('SIGTERM');
    const { done, dead, waiting } = await store.stats();
    expect([done + waiting, dead]).toEqual([30, 0]);
  },
);

test.for(places)(
  'three workers on $title begin no more attempts of a key within a minute than its limit allows',
  { timeout: 120_000 },
  async (place, context) => {
    const { store, downstream } = await start(place, context, { perMinute: 7 }, 30, 'up');
    await eventually(async () => (await store.stats()).done === 7);
    await sleep(1_000);
    expect(downstream.calls).toHaveLength(7);
    expect((await store.stats()).limits).toMatchObject([{ key: 'server', lastMinute: 7, opensAt: expect.any(Date) }]);
    const attempts = (await store.list({ state: 'waiting' })).deliveries.map((one) => [one.attempts, one.limitKey]);
    expect(attempts).toEqual(Array.from({ length: 23 }, () => [0, 'server']));
  },
);
