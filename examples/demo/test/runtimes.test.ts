import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { samples } from '@blue-webhooks/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

// Runs the real runtimes where they are installed; examples.test.ts only calls their handlers.
const runtimes = [
  { command: 'bun', args: ['src/server.ts'] },
  { command: 'deno', args: ['serve', '--allow-env', '--port', '0', 'src/server.ts'] },
];

describe.each(runtimes)('the example for $command', ({ command, args }) => {
  const isInstalled = spawnSync(command, ['--version']).status === 0;

  test.skipIf(!isInstalled)('runs there and distinguishes genuine from forged', async () => {
    const server = spawn(command, args, {
      cwd: fileURLToPath(new URL(`../../${command}`, import.meta.url)),
      env: { ...process.env, PORT: '0', NO_COLOR: '1' },
    });
    onTestFinished(async () => {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    });
    const { body, signature } = samples.TODO_CREATED;
    const url = await address(server);
    const post = async (sent: string) =>
      (await fetch(url, { method: 'POST', body: sent, headers: { 'x-signature': signature } })).status;
    expect(await post(body)).toBe(204);
    expect(await post(body.replace('GGGG', 'GGGH'))).toBe(401);
  });
});

/** Returns the address that a server prints. */
function address({ stdout, stderr }: { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }) {
  return new Promise<string>((resolve, reject) => {
    let said = '';
    const read = (chunk: Buffer) => {
      said += chunk;
      const port = /http:\/\/[^\s:]+:(\d+)/.exec(said)?.[1];
      if (port) resolve(`http://localhost:${port}/webhooks/blue`);
    };
    stdout.on('data', read);
    stderr.on('data', read).on('close', () => reject(new Error(`The process ended before it listened: ${said}`)));
  });
}
