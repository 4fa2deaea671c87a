import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { expect, onTestFinished, test } from 'vitest';

const secret = process.env.BLUE_WEBHOOK_SECRET;
const cwd = fileURLToPath(new URL('..', import.meta.url));

/** Starts what `npm run build` has built, on a free port, until the test ends. Returns its address and its output. */
async function serve() {
  const env = { ...process.env, HOST: '127.0.0.1', PORT: '0' };
  const server = spawn(process.execPath, ['dist/server/index.mjs'], { cwd, env });
  onTestFinished(() => void server.kill('SIGKILL'));
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk;
      const port = /:(\d+)/.exec(output)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.on('exit', () =>
      reject(new Error(`The server ended before it listened; npm run build builds it: ${output}`)),
    );
  });
  return { url, said: () => output };
}

test('Nitro serves the route: a delivery reaches the handler, a forgery is refused', async () => {
  const { url, said } = await serve();
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  const route = `${url}/webhooks/blue`;
  expect((await fetch(route, { method: 'POST', body, headers })).status).toBe(204);
  const forged = { method: 'POST', body: `${new TextDecoder().decode(body)} `, headers };
  expect((await fetch(route, forged)).status).toBe(401);
  expect((await fetch(route)).status).toBe(405);
  await expect.poll(said).toContain(`New record: ${fixtures.TODO_CREATED.currentValue.title}`);
});
