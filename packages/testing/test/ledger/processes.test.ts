import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { signedDelivery } from '../../src/index';
import { secret } from './raw-delivery';
import { hasRedis, startRedis } from './redis-server';

describe.skipIf(!hasRedis)(
  `processes that share a Redis${hasRedis ? '' : ' (skipped: redis-server not found)'}`,
  () => {
    let redis: Awaited<ReturnType<typeof startRedis>>;
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(() => redis.stop());
    beforeEach(() => redis.client.flushall());

    async function startProcess(
      handler: 'ends' | 'hangs' | 'waits' | 'fails',
    ): Promise<{ url: string; child: ChildProcess }> {
      const script = fileURLToPath(new URL('./receiver-process.ts', import.meta.url));
      const child = fork(script, {
        execArgv: ['--conditions=@blue-webhooks/source', '--import', 'tsx'],
        env: { ...process.env, REDIS_URL: redis.url, SECRET: secret, HANDLER: handler },
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      const port = await new Promise((resolve) => child.once('message', resolve));
      return { url: `http://127.0.0.1:${port}/`, child };
    }

    const post = async (url: string, delivery: Awaited<ReturnType<typeof signedDelivery>>) =>
      (await fetch(url, { method: 'POST', body: delivery.body, headers: delivery.headers })).status;

    test('fifty concurrent identical deliveries, to two processes that share it, run the handler once', async () => {
      const processes = await Promise.all([startProcess('ends'), startProcess('ends')]);
      const delivery = await signedDelivery(
        { event: 'TODO_CREATED', currentValue: { id: 'fifty', title: 'T' } },
        { secret },
      );
      const statuses = await Promise.all(
        Array.from({ length: 50 }, (_, i) => post(processes[i % 2]?.url ?? '', delivery)),
      );
      expect(new Set([...statuses, 204, 409])).toEqual(new Set([204, 409]));
      expect(await redis.client.lrange('runs', 0, -1)).toEqual(['1']);
      expect(await post(processes[0]?.url ?? '', delivery)).toBe(204);
      expect(await redis.client.llen('runs')).toBe(1);
    });

    test('a retry that waits for a killed process takes over the delivery', { timeout: 30_000 }, async () => {
      const [holder, other] = await Promise.all([startProcess('hangs'), startProcess('ends')]);
      const delivery = await signedDelivery(
        { event: 'TODO_CREATED', currentValue: { id: 'killed', title: 'T' } },
        { secret },
      );
      const cut = post(holder.url, delivery).catch(() => 'cut');
      while ((await redis.client.llen('runs')) === 0) await new Promise(setImmediate);
      const retry = post(other.url, delivery);
      holder.child.kill('SIGKILL');
      expect(await cut).toBe('cut');
      expect(await retry).toBe(204);
      expect(await redis.client.lrange('runs', 0, -1)).toEqual(['1', '2']);
    });

    test('a process that was suspended beyond its lease changes nothing for the one that took over', {
      timeout: 30_000,
    }, async () => {
      const [holder, other] = await Promise.all([startProcess('waits'), startProcess('ends')]);
      const delivery = await signedDelivery(
        { event: 'TODO_CREATED', currentValue: { id: 'suspended', title: 'T' } },
        { secret },
      );
      const first = post(holder.url, delivery).catch(() => 'cut');
      while ((await redis.client.llen('runs')) === 0) await new Promise(setImmediate);
      holder.child.kill('SIGSTOP');
      expect(await post(other.url, delivery)).toBe(204);
      holder.child.kill('SIGCONT');
      await redis.client.set('go', '1');
      expect([204, 500, 503]).toContain(await first);
      await expect.poll(() => redis.client.lrange('codes', 0, -1)).toContain('LEASE_LOST');
      expect(await post(other.url, delivery)).toBe(204);
      expect(await redis.client.lrange('runs', 0, -1)).toEqual(['1', '2']);
    });

    test('a process that was suspended beyond its lease and then fails changes nothing either', {
      timeout: 60_000,
    }, async () => {
      const [holder, other] = await Promise.all([startProcess('waits'), startProcess('waits')]);
      const delivery = await signedDelivery(
        { event: 'TODO_CREATED', currentValue: { id: 'suspended', title: 'T' } },
        { secret },
      );
      const first = post(holder.url, delivery).catch(() => 'cut');
      await expect.poll(() => redis.client.llen('runs'), { timeout: 10_000 }).toBe(1);
      holder.child.kill('SIGSTOP');
      const second = post(other.url, delivery);
      await expect.poll(() => redis.client.llen('runs'), { timeout: 10_000 }).toBe(2);
      await redis.client.set(`fail:${holder.child.pid}`, '1');
      holder.child.kill('SIGCONT');
      expect(await first).not.toBe(204);
      await expect.poll(() => redis.client.lrange('codes', 0, -1)).toContain('LEASE_LOST');
      expect(await redis.client.lrange('runs', 0, -1)).toEqual(['1', '2']); // the other process still holds it
      await redis.client.set('go', '1');
      expect(await second).toBe(204);
      expect(await post(holder.url, delivery)).toBe(204);
      expect(await redis.client.llen('runs')).toBe(2);
    });

    test('requests that fail together in two processes call deadLetter once', { timeout: 60_000 }, async () => {
      const processes = await Promise.all([startProcess('fails'), startProcess('fails')]);
      const delivery = await signedDelivery(
        { event: 'TODO_CREATED', currentValue: { id: 'poison', title: 'T' } },
        { secret },
      );
      const urls = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1].map((i) => processes[i]?.url ?? '');
      const statuses = await Promise.all(urls.map((url) => post(url, delivery)));
      expect(statuses).toContain(204);
      expect(statuses.filter((status) => status !== 204).length).toBeLessThanOrEqual(3);
      expect(await redis.client.lrange('dead', 0, -1)).toHaveLength(1);
      for (const { url } of processes) expect(await post(url, delivery)).toBe(204);
      expect(await redis.client.llen('dead')).toBe(1);
    });

    test('a process that dies during deadLetter leaves the delivery to the next failure', {
      timeout: 60_000,
    }, async () => {
      const [dying, other] = await Promise.all([startProcess('fails'), startProcess('fails')]);
      const delivery = await signedDelivery(
        { event: 'TODO_CREATED', currentValue: { id: 'dying', title: 'T' } },
        { secret },
      );
      for (let i = 0; i < 3; i++) expect(await post(dying.url, delivery)).toBe(500);
      await redis.client.set(`hang:${dying.child.pid}`, '1');
      const cut = post(dying.url, delivery).catch(() => 'cut');
      await expect.poll(() => redis.client.llen('handing-over'), { timeout: 10_000 }).toBe(1);
      dying.child.kill('SIGKILL');
      expect(await cut).toBe('cut');
      expect(await post(other.url, delivery)).toBe(204);
      expect(await redis.client.llen('dead')).toBe(1);
    });
  },
);
