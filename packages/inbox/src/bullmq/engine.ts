import {
  type ConnectionOptions,
  createPostgresBackend,
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
import { postgresLoss, redisLoss } from './loss';

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
  'add' | 'getJob' | 'getJobState' | 'getJobs' | 'getJobCounts' | 'clean' | 'close'
>;

export interface InboxWorker extends Pick<Worker<JobData, void>, 'run' | 'close' | 'waitUntilReady'> {
  on<E extends keyof WorkerListener<JobData, void>>(event: E, listener: WorkerListener<JobData, void>[E]): unknown;
}

export type InboxWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;

/** An open queue, and what differs between Redis and PostgreSQL. */
export interface Engine {
  readonly queue: InboxQueue;
  readonly digests: Digests;
  /** Why what is acknowledged can be lost; `undefined` where it cannot. */
  loss(): Promise<string | undefined>;
  createWorker(processor: Processor<JobData, void>, options: InboxWorkerOptions): InboxWorker;
}

/** @throws Error if it cannot be reached */
export async function openEngine(name: string, backend: Backend, onError: (error: Error) => void): Promise<Engine> {
  return backend.postgres === undefined
    ? openRedis(name, backend.connection, backend.prefix, onError)
    : openPostgres(name, backend.postgres, onError);
}

async function openRedis(
  name: string,
  connection: ConnectionOptions,
  prefix = 'bull',
  onError: (error: Error) => void,
): Promise<Engine> {
  const queue = new Queue<JobData, void>(name, { connection, prefix });
  queue.on('error', onError);
  await queue.waitUntilReady();
  const client = await queue.getBackend().client;
  return {
    queue,
    digests: redisDigests(client, `${prefix}:${name}-seen`),
    loss: async () => redisLoss(await client.info()),
    createWorker: (processor, options) =>
      new Worker<JobData, void>(name, processor, { ...options, connection, prefix }),
  };
}

async function openPostgres(
  name: string,
  connection: PostgresConnectionOptions,
  onError: (error: Error) => void,
): Promise<Engine> {
  const classes = withBackend(createPostgresBackend);
  const config = withMigration(connection);
  const queue = new classes.Queue<JobData, void>(name, { connection: config });
  queue.on('error', onError);
  await queue.waitUntilReady();
  const { pool } = queue.getBackend().connection;
  const digests = postgresDigests(pool, name);
  await digests.prepare();
  return {
    queue,
    digests,
    loss: () => postgresLoss(pool),
    createWorker: (processor, options) =>
      new classes.Worker<JobData, void>(name, processor, { ...(options as object), connection: config }),
  };
}

/** Lets BullMQ create its tables, as a store of ours would; whoever hands a pool in has run its migrations. */
function withMigration(connection: PostgresConnectionOptions): PostgresConnectionOptions {
  if (typeof connection === 'string') return { connectionString: connection, migrate: true };
  return 'connect' in connection ? connection : { migrate: true, ...connection };
}
