import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';

/** Whether Redis is installed. In CI its absence is a failure, elsewhere the tests are skipped with a notice. */
export const hasRedis = (() => {
  try {
    execFileSync('redis-server', ['--version']);
    return true;
  } catch {
    if (process.env.CI) throw new Error('redis-server not found: .ci/run installs it.');
    return false;
  }
})();

/** Starts a separate Redis on a free port, without persistence. */
export async function startRedis() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-redis-'));
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server: ChildProcess = spawn('redis-server', args, { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {}); // until the server listens
  await client.ping();
  return {
    url,
    client,
    async stop() {
      client.disconnect();
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts three masters on free ports, without persistence. */
export async function startCluster() {
  const folders: string[] = [];
  const servers: ChildProcess[] = [];
  const nodes = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const [port, bus] = [await freePort(), await freePort()];
      const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-redis-'));
      folders.push(folder);
      const args = [
        '--port',
        String(port),
        '--cluster-port',
        String(bus),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--dir',
        folder,
      ];
      servers.push(
        spawn('redis-server', [...args, '--cluster-enabled', 'yes', '--appendonly', 'no'], { stdio: 'ignore' }),
      );
      return { host: '127.0.0.1', port };
    }),
  );
  for (const { port } of nodes) {
    const client = new Redis(port, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    client.on('error', () => {}); // until the server listens
    await client.ping();
    client.disconnect();
  }
  const addresses = nodes.map(({ host, port }) => `${host}:${port}`);
  await promisify(execFile)('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
  for (const { port } of nodes) {
    const client = new Redis(port);
    while (!(await client.cluster('INFO')).includes('cluster_state:ok')) await new Promise((r) => setTimeout(r, 50));
    client.disconnect();
  }
  return {
    nodes,
    async stop() {
      const ended = servers.map((server) => new Promise((resolve) => server.once('exit', resolve)));
      for (const server of servers) server.kill('SIGKILL');
      await Promise.all(ended);
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a server, and a Sentinel that watches it under the name `main`. */
export async function startSentinel() {
  const server = await startRedis();
  const [serverPort, port] = [Number(new URL(server.url).port), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-redis-'));
  const config = join(folder, 'sentinel.conf');
  writeFileSync(
    config,
    `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor main 127.0.0.1 ${serverPort} 1\n`,
  );
  const sentinel = spawn('redis-server', [config, '--sentinel'], { stdio: 'ignore' });
  const client = new Redis(port, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {}); // until the Sentinel listens
  await client.ping();
  client.disconnect();
  return {
    name: 'main',
    node: { host: '127.0.0.1', port },
    async stop() {
      const ended = new Promise((resolve) => sentinel.once('exit', resolve));
      sentinel.kill('SIGKILL');
      await ended;
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
