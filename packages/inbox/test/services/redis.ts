import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port';

/** Whether there is a Redis to test with. In CI its absence is a failure, on a user's machine the tests say that they skip. */
export const hasRedis = (() => {
  try {
    execFileSync('redis-server', ['--version']);
    return true;
  } catch {
    if (process.env.CI) throw new Error('redis-server not found: .ci/run installs it.');
    return false;
  }
})();

/** To be put behind a title. */
export const redisMissing = hasRedis ? '' : ' (skipped: redis-server not found)';

export interface RedisServer {
  readonly url: string;
  readonly client: Redis;
  /** Kills it, and starts it again with what it has on its disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis of its own on a free port. It keeps an append-only file unless told otherwise by its arguments. */
export async function startRedis(...args: string[]): Promise<RedisServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-redis-'));
  const start = () =>
    spawn(
      'redis-server',
      ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', ...args],
      { stdio: 'ignore' },
    );
  let server = start();
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {}); // until the server listens
  await client.ping();
  return {
    url,
    client,
    async restart() {
      await kill(server);
      server = start();
      await client.ping();
    },
    async stop() {
      client.disconnect();
      await kill(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function kill(server: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await ended;
}
