import type { ConnectionOptions } from 'bullmq';
import { needsReconnect } from './backend-error';
import {
  type Options,
  requireDatabase,
  requireKind,
  requireNoKeyPrefix,
  requirePrimary,
  requireServer,
  requireUrl,
} from './redis-checks';

/** The values of `connection`: a URL, options of ioredis, or a client. */
export type RedisConnectionInput = ConnectionOptions | string | URL;

/** A connection for BullMQ. */
export interface RedisConnection {
  readonly connection: ConnectionOptions;
  /** Closes a client that was created here; BullMQ closes its own. */
  close(): void;
}

/** The checked connection options of Redis. */
export interface RedisSettings {
  readonly prefix: string;
  /** Opens a connection on which each command resolves or fails quickly. */
  forQueue(): RedisConnection;
  /** Opens a connection on which commands wait, for a worker. */
  forWorker(): RedisConnection;
}

/** The part of a client of any library that is used. */
interface Client extends Options {
  readonly options?: Options & { readonly redisOptions?: Options };
  readonly isCluster?: boolean;
  duplicate(...args: unknown[]): Client;
  disconnect(): void;
  on(event: string, listener: () => void): unknown;
}

const DEFAULT_PREFIX = 'bull';
const DEFAULT_CLUSTER_PREFIX = '{bull}';
/** How often ioredis reconnects before a command of the queue fails. */
const QUEUE_RETRIES = 20;
/** The timeout of a command of the queue, in milliseconds; Blue times out long before. */
const QUEUE_COMMAND_MS = 10_000;
/** The same for a worker, whose blocking commands return after 10 seconds at the latest. */
const WORKER_COMMAND_MS = 30_000;

/** @throws TypeError if it cannot work, without quoting any of it */
export function redisSettingsOf(given: unknown, prefix: unknown, name: string): RedisSettings {
  const input = typeof given === 'string' || isUrl(given) ? { url: given } : given;
  if (typeof input !== 'object' || input === null) {
    throw new TypeError(
      'connection must be a redis:// or rediss:// URL, options such as { host, port }, or a client of ioredis or node-redis.',
    );
  }
  requireKind(input);
  if (prefix !== undefined && (typeof prefix !== 'string' || prefix === '')) {
    throw new TypeError('prefix must be a string that is not empty.');
  }
  return isClient(input)
    ? settingsOfClient(input, prefix, name)
    : settingsOfOptions(input as Options, prefix ?? DEFAULT_PREFIX);
}

function settingsOfOptions(given: Options, prefix: string): RedisSettings {
  requireNoKeyPrefix(given);
  requirePrimary(given);
  requireServer(given);
  const { url: givenUrl, ...rest } = given;
  const url = 'url' in given ? { url: requireUrl(givenUrl) } : {};
  const open = (overrides: Options) => ({ connection: { ...rest, ...url, ...overrides }, close: () => {} });
  return {
    prefix,
    forQueue: () => open(queueOptions(rest)),
    forWorker: () => open(workerOptions(rest)),
  };
}

function settingsOfClient(client: Client, given: string | undefined, name: string): RedisSettings {
  const { options = {} } = client;
  requireNoKeyPrefix(options);
  requireNoKeyPrefix(options.redisOptions ?? {});
  requirePrimary(options);
  requireDatabase(options.db);
  if (typeof client.masters === 'object' || typeof client.getSlotRandomNode === 'function') {
    throw new TypeError(
      'connection cannot be a cluster client of node-redis, which BullMQ does not support: use Cluster of ioredis.',
    );
  }
  const prefix = given ?? (client.isCluster ? DEFAULT_CLUSTER_PREFIX : DEFAULT_PREFIX);
  if (client.isCluster && !hasHashTag(`${prefix}:${name}`)) {
    throw new TypeError(
      "prefix must be in braces for a Redis Cluster, such as '{bull}': all keys of a queue must be on one node.",
    );
  }
  const open = (overrides: (given: Options) => Options): RedisConnection => {
    if (!isIoredis(client) && !isNodeRedis(client)) return { connection: client as ConnectionOptions, close: () => {} };
    ignoreErrors(client);
    const copy = duplicate(client, overrides);
    ignoreErrors(copy);
    return { connection: copy as unknown as ConnectionOptions, close: () => end(copy) };
  };
  return { prefix, forQueue: () => open(queueOptions), forWorker: () => open(workerOptions) };
}

/** Copies a client, so that its options can differ and the one that was handed in is neither changed nor closed. */
function duplicate(client: Client, overrides: (given: Options) => Options): Client {
  const { options = {} } = client;
  if (!client.isCluster) return isIoredis(client) ? client.duplicate(overrides(options)) : client.duplicate();
  const { lazyConnect: _, retryStrategy: __, ...ofNodes } = overrides(options.redisOptions ?? {});
  const redisOptions = { ...options.redisOptions, ...ofNodes };
  if ('runCommand' in client) return client.duplicate(redisOptions); // BullMQ's own wrapper
  const clusterRetryStrategy = neverEnding(options.clusterRetryStrategy);
  // BullMQ reads what it has just written, which replicas do not have yet.
  const always = { lazyConnect: false, enableOfflineQueue: true, scaleReads: 'master' };
  return client.duplicate([], { redisOptions, clusterRetryStrategy, ...always });
}

function queueOptions(given: Options): Options {
  return {
    ...alwaysReconnecting(given),
    maxRetriesPerRequest: typeof given.maxRetriesPerRequest === 'number' ? given.maxRetriesPerRequest : QUEUE_RETRIES,
    commandTimeout: given.commandTimeout ?? QUEUE_COMMAND_MS,
  };
}

function workerOptions(given: Options): Options {
  const commandTimeout = Math.max(WORKER_COMMAND_MS, Number(given.commandTimeout ?? 0));
  return { ...alwaysReconnecting(given), maxRetriesPerRequest: null, commandTimeout };
}

function alwaysReconnecting(given: Options): Options {
  const { reconnectOnError } = given;
  return {
    enableOfflineQueue: true,
    lazyConnect: false,
    stringNumbers: false, // BullMQ compares what its scripts return with numbers
    retryStrategy: neverEnding(given.retryStrategy),
    // After a fail-over the old primary refuses writes and keeps its connections: a new one leads to the new primary.
    reconnectOnError(error: Error): unknown {
      const wanted = typeof reconnectOnError === 'function' ? reconnectOnError(error) : false;
      return wanted || needsReconnect(error);
    },
  };
}

/** BullMQ's own pauses grow to 20 seconds, for which a Redis that is up again would go unused while Blue counts failures. */
const reconnectAfterMs = (attempts: number): number => Math.min(attempts * 100, 2_000);

/** Never stops reconnecting: otherwise deliveries would be answered 503 until the process is restarted. */
function neverEnding(strategy: unknown): (attempts: number) => number {
  return (attempts) => {
    const pauseMs: unknown = typeof strategy === 'function' ? strategy(attempts) : undefined;
    return typeof pauseMs === 'number' && pauseMs >= 0 ? pauseMs : reconnectAfterMs(attempts);
  };
}

function isClient(value: object): value is Client {
  return typeof (value as Options).duplicate === 'function';
}

/** Also BullMQ's own wrappers of any client. */
const isIoredis = (client: Client): boolean => typeof client.defineCommand === 'function';

const isNodeRedis = (client: Client): boolean => typeof client.sendCommand === 'function' && 'isOpen' in client;

/** An error event without a listener is printed by ioredis, and ends the process with node-redis; BullMQ reports them to the inbox. */
const ignored = new WeakSet<Client>();
function ignoreErrors(client: Client): void {
  if (ignored.has(client)) return;
  ignored.add(client);
  client.on('error', () => {});
}

function end(client: Client): void {
  if (typeof client.destroy !== 'function') client.disconnect();
  else if (client.isOpen) client.destroy();
}

function isUrl(value: unknown): value is URL {
  const { href, searchParams } = (value ?? {}) as Partial<URL>;
  return typeof href === 'string' && typeof searchParams === 'object';
}

/** Returns whether Redis Cluster keeps all keys that begin so on one node, because of what is in braces. */
function hasHashTag(key: string): boolean {
  const opens = key.indexOf('{');
  return opens !== -1 && key.indexOf('}', opens) > opens + 1;
}
