import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { expect, onTestFinished, test } from 'vitest';

const secret = process.env.BLUE_WEBHOOK_SECRET;
const next = createRequire(import.meta.url).resolve('next/dist/bin/next');

/** Starts Next.js in this folder; returns its address and its output. */
async function startNext() {
  const server = spawn(process.execPath, [next, 'dev', '--port', '0', '--hostname', '127.0.0.1'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_ENV: 'development', NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
    detached: true, // its own process group: Next.js starts processes that outlive it
  });
  onTestFinished(async () => {
    if (server.pid && server.exitCode === null) {
      process.kill(-server.pid, 'SIGKILL');
      await once(server, 'exit');
    }
  });
  const said: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said.push(String(chunk));
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said.join(''))?.[1];
      if (port) resolve(`http://127.0.0.1:${port}/api/blue`);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.on('exit', () => reject(new Error(`Next.js ended before it listened: ${said.join('')}`)));
  });
  return { url, said: () => said.join('') };
}

test('Next.js serves the route: a delivery reaches the handler, a forgery is refused', {
  timeout: 60_000,
}, async () => {
  const { url, said } = await startNext();
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(204);
  expect((await fetch(url, { method: 'POST', body: `${new TextDecoder().decode(body)} `, headers })).status).toBe(401);
  expect((await fetch(url)).status).toBe(405);
  await expect.poll(said).toContain(`New record: ${fixtures.TODO_CREATED.currentValue.title}`);
});
