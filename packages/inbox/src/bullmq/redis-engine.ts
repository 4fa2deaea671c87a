import { type IRedisClient, Queue, Worker } from 'bullmq';
import { isLasting, needsReconnect } from './backend-error';
import { redisDigests } from './digests';
import type { Engine, EngineHooks } from './engine';
import type { JobData } from './job';
import { type Loss, redisLoss } from './loss';
import type { RedisSettings } from './redis-connection';
import { limitWaiting } from './waiting';

/** An ioredis Cluster client, of which each node can be asked. */
interface ClusterClient {
  nodes(role: 'master'): readonly NodeClient[];
}

interface NodeClient {
  info(): Promise<string>;
  config?(...words: string[]): Promise<unknown>;
}

/** BullMQ's own `trimEvents` keeps the last block of a stream. */
const FORGET_EVENTS = "return redis.call('XTRIM', KEYS[1], 'MAXLEN', ARGV[1])";

/** In seconds: less than a second, which Redis 6 and later take; for an older one the error is ignored. */
const SHORTEST_WAIT_S = 0.01;

export function createRedisEngine(
  name: string,
  settings: RedisSettings,
  { onError, onDisconnect }: EngineHooks,
): Engine {
  const { prefix } = settings;
  const { connection, close } = settings.forQueue();
  const queue = new Queue<JobData, void>(name, { connection, prefix });
  let live: IRedisClient | undefined;
  const client = queue.waitUntilReady().then(async () => {
    live = await queue.getBackend().client;
    return live;
  });
  // ioredis connects again and again with a password that is refused: nothing but another password ends that.
  const refused = new Promise<never>((_, reject) => {
    queue.on('error', (error) => {
      onError(error);
      if (isLasting(error)) reject(error);
    });
  });
  refused.catch(() => {});
  queue.on('ioredis:close', onDisconnect);
  const usable = Promise.race([client, refused]);
  return {
    ready: usable.then(() => undefined),
    queue,
    digests: redisDigests(usable, `${prefix}:${name}-seen`),
    async forgetEvents() {
      const connected = await usable;
      connected.defineCommand('blueForgetEvents', { numberOfKeys: 1, lua: FORGET_EVENTS });
      await connected.runCommand('blueForgetEvents', [`${prefix}:${name}:events`, 0]);
    },
    loss: async () => lossOf(await usable),
    get ended() {
      return live?.status === 'end';
    },
    reconnect: () => reconnect(live),
    createWorker(processor, options) {
      const forWorker = settings.forWorker();
      const worker = new Worker<JobData, void>(name, processor, {
        ...options,
        connection: forWorker.connection,
        prefix,
      });
      const backend = worker.getBackend();
      const reconnectBlocking = () => void backend.blockingClient?.then(reconnect, () => {});
      worker.on('error', (error) => {
        if (!needsReconnect(error)) return;
        backend.client.then(reconnect, () => {});
        reconnectBlocking();
      });
      limitWaiting(backend, reconnectBlocking);
      const waitUntilReady = worker.waitUntilReady.bind(worker);
      let isChecked = false;
      worker.waitUntilReady = async () => {
        const ready = await waitUntilReady();
        if (isChecked) return ready; // only at the start: BullMQ calls this again, also while Redis is away
        isChecked = true;
        // A user who may add jobs, and may not wait for them, would never handle one. On a key of its own, which stays empty.
        const waiting = (await backend.blockingClient)?.bzpopmin(`${prefix}:${name}:none`, SHORTEST_WAIT_S);
        await waiting?.catch((error: unknown) => {
          if (isLasting(error)) throw error;
        });
        return ready;
      };
      worker.on('closed', forWorker.close);
      return worker;
    },
    async close(force) {
      await queue.getBackend().close(force).finally(close);
    },
  };
}

/** Replaces a connection that does not respond, such as one to a machine that is gone. */
function reconnect(client: IRedisClient | undefined): void {
  if (client?.status === 'ready' || client?.status === 'connect') client.disconnect(true);
}

/** Of a cluster, what the worst of its primaries can lose. */
async function lossOf(client: IRedisClient): Promise<Loss | undefined> {
  const nodes: readonly NodeClient[] = client.isCluster
    ? (client as unknown as ClusterClient).nodes('master')
    : [client];
  const losses = await Promise.all(nodes.map(async (node) => redisLoss(await node.info(), await appendfsyncOf(node))));
  return losses.find((loss) => loss && !loss.onlyAtPowerCut) ?? losses.find((loss) => loss !== undefined);
}

/** Returns `undefined` if Redis or its client does not report it: managed Redis often hides its configuration. */
async function appendfsyncOf(node: NodeClient): Promise<string | undefined> {
  const answer = await node.config?.('GET', 'appendfsync').catch(() => undefined);
  return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
}
