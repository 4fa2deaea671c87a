import {
  type ConnectionOptions,
  createPostgresBackend,
  type IRedisClient,
  type PostgresConnectionOptions,
  type Processor,
  Queue,
  Worker,
  type WorkerListener,
  type WorkerOptions,
  withBackend,
} from 'bullmq';
import { type Digests, postgresDigests, redisDigests } from './digests';
import type { JobData } from './job';
import { type Loss, postgresLoss, redisLoss } from './loss';

/** What BullMQ keeps its jobs in: Redis, or PostgreSQL. */
export type Backend =
  | {
      /** Redis: options such as `{ url }`, or a client of ioredis's or node-redis's. */
      readonly connection: ConnectionOptions;
      /** Before every key; `bull` unless told. In a Redis Cluster put it in braces: `{bull}`. */
      readonly prefix?: string;
      readonly postgres?: never;
    }
  | {
      /** PostgreSQL: a connection string, options for a pool such as `{ connectionString, schema }`, or a pool. */
      readonly postgres: PostgresConnectionOptions;
      readonly connection?: never;
      readonly prefix?: never;
    };

/** What is used of BullMQ's queue, whatever it keeps its jobs in. */
export type InboxQueue = Pick<
  Queue<JobData, void>,
  'add' | 'getJob' | 'getJobState' | 'getJobs' | 'getJobCounts' | 'clean'
>;

export interface InboxWorker extends Pick<Worker<JobData, void>, 'run' | 'pause' | 'close' | 'waitUntilReady'> {
  on<E extends keyof WorkerListener<JobData, void>>(event: E, listener: WorkerListener<JobData, void>[E]): unknown;
}

export type InboxWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;

/** What an engine tells. */
export interface EngineHooks {
  onError(error: Error): void;
  /** The connection is lost: who answers next may be another, or the same with other settings. */
  onDisconnect(): void;
}

/** A queue, and what differs between Redis and PostgreSQL. */
export interface Engine {
  /**
   * Resolves when it can be used, which is when Redis or PostgreSQL answers.
   * @throws Error if it cannot be used
   */
  readonly ready: Promise<void>;
  readonly queue: InboxQueue;
  readonly digests: Digests;
  /** How what is acknowledged can be lost; `undefined` where it cannot. */
  loss(): Promise<Loss | undefined>;
  createWorker(processor: Processor<JobData, void>, options: InboxWorkerOptions): InboxWorker;
  /** Ends the connections; with `force` even those that nobody answers on. */
  close(force: boolean): Promise<void>;
}

export function createEngine(name: string, backend: Backend, hooks: EngineHooks): Engine {
  return backend.postgres === undefined
    ? createRedisEngine(name, backend.connection, backend.prefix, hooks)
    : createPostgresEngine(name, backend.postgres, hooks);
}

function createRedisEngine(
  name: string,
  given: ConnectionOptions,
  prefix = 'bull',
  { onError, onDisconnect }: EngineHooks,
): Engine {
  const connection = 'on' in given ? given : { retryStrategy: reconnectAfterMs, ...given };
  const queue = new Queue<JobData, void>(name, { connection, prefix });
  queue.on('error', onError);
  queue.on('ioredis:close', onDisconnect);
  const client = queue.waitUntilReady().then(() => queue.getBackend().client);
  return {
    ready: client.then(() => undefined),
    queue,
    digests: redisDigests(client, `${prefix}:${name}-seen`),
    loss: async () => redisLoss(await (await client).info(), await appendfsyncOf(await client)),
    createWorker: (processor, options) =>
      new Worker<JobData, void>(name, processor, { ...options, connection, prefix }),
    close: (force) => queue.getBackend().close(force),
  };
}

function createPostgresEngine(
  name: string,
  given: PostgresConnectionOptions,
  { onError, onDisconnect }: EngineHooks,
): Engine {
  const classes = withBackend(createPostgresBackend);
  const connection = withMigration(given);
  const queue = new classes.Queue<JobData, void>(name, { connection });
  queue.on('error', (error) => {
    onDisconnect();
    onError(error);
  });
  const { pool } = queue.getBackend().connection;
  const digests = postgresDigests(pool, name);
  return {
    ready: queue.waitUntilReady().then(() => digests.prepare()),
    queue,
    digests,
    loss: () => postgresLoss(pool),
    createWorker: (processor, options) =>
      new classes.Worker<JobData, void>(name, processor, { ...(options as object), connection }),
    close: (force) => queue.getBackend().close(force),
  };
}

/** BullMQ's own pauses grow to 20 seconds, for which a Redis that is up again would go unused while Blue counts failures. */
const reconnectAfterMs = (attempts: number): number => Math.min(attempts * 100, 2_000);

/** `undefined` where Redis or its client does not tell: managed Redis often hides its configuration. */
async function appendfsyncOf(client: IRedisClient): Promise<string | undefined> {
  const { config } = client as { config?: (...words: string[]) => Promise<unknown> };
  const answer = await config?.call(client, 'GET', 'appendfsync').catch(() => undefined);
  return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
}

/** Lets BullMQ create its tables, as a store of ours would; whoever hands a pool in has run its migrations. */
function withMigration(connection: PostgresConnectionOptions): PostgresConnectionOptions {
  if (typeof connection === 'string') return { connectionString: connection, migrate: true };
  return 'connect' in connection ? connection : { migrate: true, ...connection };
}
