import { type ChildProcess, spawn } from 'node:child_process';
import { samples } from '@blue-webhooks/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../packages/inbox/test/services/free-port';
import { hasRedis, redisMissing, startRedis } from '../../../packages/inbox/test/services/redis';

/** Starts one of the example's processes, and reads its output. */
function start(script: string, env: Record<string, string>) {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=@blue-webhooks/source', `src/${script}.ts`],
    { cwd: `${import.meta.dirname}/..`, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let said = '';
  const says = (text: string) =>
    new Promise<void>((resolve) => {
      const listen = () => said.includes(text) && resolve();
      child.stdout?.on('data', listen);
      listen();
    });
  child.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  return { child, ended, says };
}

describe.skipIf(!hasRedis)(`the example for Hono with BullMQ${redisMissing}`, () => {
  test('stores in one process, handles in another, and stops on SIGTERM', async () => {
    const redis = await startRedis('--appendfsync', 'always');
    onTestFinished(() => redis.stop());
    const port = await freePort();
    const env = { REDIS_URL: redis.url, PORT: `${port}` };
    const receiver = start('receiver', env);
    await receiver.says('Listening');
    const { body, signature } = samples.TODO_CREATED;
    const headers = { 'content-type': 'application/json', 'x-signature': signature, connection: 'close' };
    const post = async (sent: string) =>
      (await fetch(`http://127.0.0.1:${port}/webhooks/blue`, { method: 'POST', body: sent, headers })).status;
    expect(await post(body)).toBe(204);
    expect(await post(body.replace('GGGG', 'GGGH'))).toBe(401);
    const worker = start('worker', env);
    await worker.says(`New record: ${JSON.parse(body).currentValue.title}`);
    receiver.child.kill('SIGTERM');
    expect(await receiver.ended).toBe(0);
    await redis.kill(); // processes that wait for it stop nevertheless
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  }, 180_000);
});
