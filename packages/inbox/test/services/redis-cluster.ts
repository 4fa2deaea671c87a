import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { freePort } from './free-port';
import { type RedisServer, startRedis } from './redis';

/** Whether there is what a cluster is made with. */
export const hasRedisCli = (() => {
  try {
    execFileSync('redis-cli', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  stop(): Promise<void>;
}

/** Three primaries on free ports, which share the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all(
    Array.from({ length: 3 }, async () =>
      startRedis('--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`, '--cluster-node-timeout', '1000'),
    ),
  );
  const addresses = nodes.map(({ url }) => ({ host: '127.0.0.1', port: Number(new URL(url).port) }));
  const list = addresses.map(({ host, port }) => `${host}:${port}`);
  await promisify(execFile)('redis-cli', ['--cluster', 'create', ...list, '--cluster-yes']);
  await Promise.all(nodes.map(({ url }) => untilItIsUp(url)));
  return {
    nodes,
    addresses,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function untilItIsUp(url: string): Promise<void> {
  const client = new Redis(url);
  while (!(await client.cluster('INFO')).includes('cluster_state:ok')) await new Promise((r) => setTimeout(r, 50));
  client.disconnect();
}
