import { createPostgresBackend, type PostgresConnectionOptions, withBackend } from 'bullmq';
import { postgresDigests } from './digests';
import type { Engine, EngineHooks } from './engine';
import type { JobData } from './job';
import { postgresLoss } from './loss';
import { limitWaiting } from './waiting';

/** How long to wait for a connection before the delivery is answered 503, in milliseconds. */
const CONNECT_WITHIN_MS = 5_000;
/** How long to wait for a response on a connection that may be dead, in milliseconds. */
const QUERY_WITHIN_MS = 60_000;

export function createPostgresEngine(
  name: string,
  connection: PostgresConnectionOptions,
  { onError, onDisconnect }: EngineHooks,
): Engine {
  const classes = withBackend(createPostgresBackend);
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
    forgetEvents: async () => void (await pool.query('DELETE FROM event WHERE queue = $1', [name])),
    ended: false,
    reconnect: () => {}, // the pool drops a connection on which a query has failed
    createWorker(processor, options) {
      const worker = new classes.Worker<JobData, void>(name, processor, { ...(options as object), connection });
      limitWaiting(worker.getBackend(), () => {});
      return worker;
    },
    close: (force) => queue.getBackend().close(force),
  };
}

/**
 * Lets BullMQ create its tables. For a pool of your own, run BullMQ's migrations first.
 * @throws TypeError if it is not a connection, without quoting any of it
 */
export function postgresConnectionOf(given: unknown): PostgresConnectionOptions {
  const options = typeof given === 'string' || isUrl(given) ? { connectionString: requireUrl(given) } : given;
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      'postgres must be a postgres:// URL, options for a pool such as { host, database }, or a pg.Pool.',
    );
  }
  if ('connect' in options) return options as PostgresConnectionOptions;
  const { connectionString } = options as { connectionString?: unknown };
  return {
    migrate: true,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: QUERY_WITHIN_MS,
    ...options,
    ...(connectionString === undefined ? {} : { connectionString: requireUrl(connectionString) }),
  };
}

function requireUrl(given: unknown): string {
  const text = String(given);
  if (text.includes('://') ? isPostgresUrl(text) : text.startsWith('/') || text.startsWith('socket:')) return text;
  // Neither quoted nor set as the cause: it can contain a password.
  throw new TypeError(
    'postgres is not a valid postgres:// URL: percent-encode special characters in its user name and password.',
  );
}

function isPostgresUrl(text: string): boolean {
  try {
    return ['postgres:', 'postgresql:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

function isUrl(value: unknown): boolean {
  return typeof (value as Partial<URL> | null | undefined)?.searchParams === 'object';
}
