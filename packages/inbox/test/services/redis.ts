import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port';
import { startServer } from './server';

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
  /** Where it keeps its files. */
  readonly folder: string;
  /** Lets it hang: connections stay open, and nobody answers. */
  pause(): void;
  resume(): void;
  /** Kills it: nothing is written that was not written before. */
  kill(): Promise<void>;
  /** Starts it again with its data on disk, and with additional arguments. */
  start(...args: string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a separate Redis on a free port. Has an append-only file by default. */
export async function startRedis(...args: string[]): Promise<RedisServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-redis-'));
  const fixed = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const spawn = (more: readonly string[]) => startServer('redis-server', [...fixed, ...args, ...more]);
  let server = spawn([]);
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {}); // while the server does not listen
  await client.ping().catch(() => {}); // a Redis with a password of its own answers, too
  return {
    url,
    client,
    folder,
    pause: () => server.signal('SIGSTOP'),
    resume: () => server.signal('SIGCONT'),
    kill: () => server.kill('SIGKILL'),
    async start(...more) {
      server = spawn(more);
      await client.ping();
    },
    async stop() {
      client.disconnect();
      await server.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
