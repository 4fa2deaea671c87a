import type { PostgresConnectionOptions } from 'bullmq';
import type { Engine, EngineHooks } from './engine';
import { createPostgresEngine, postgresConnectionOf } from './postgres-engine';
import { type RedisConnectionInput, redisSettingsOf } from './redis-connection';
import { createRedisEngine } from './redis-engine';

/** The database of BullMQ: Redis or PostgreSQL. */
export type Backend =
  | {
      /**
       * Redis: a `redis://` or `rediss://` URL, options of ioredis such as `{ host, port }`, or a client of ioredis or
       * node-redis. The inbox uses copies of a client: yours is neither changed nor closed.
       */
      readonly connection: RedisConnectionInput;
      /** The beginning of every key. Defaults to `bull`, with a Cluster client to `{bull}`, which must have the braces. */
      readonly prefix?: string | undefined;
      readonly postgres?: undefined;
    }
  | {
      /** PostgreSQL: a connection string, options for a pool such as `{ connectionString, schema }`, or a pool. */
      readonly postgres: PostgresConnectionOptions | URL;
      readonly connection?: undefined;
      readonly prefix?: undefined;
    };

/** Opens a queue. */
export type OpenEngine = (hooks: EngineHooks) => Engine;

/**
 * Checks the options for the connection. Returns a function that opens an engine.
 * @throws TypeError if the options cannot work
 */
export function engineOf(name: string, backend: Partial<Backend>): OpenEngine {
  const { connection, postgres, prefix } = backend;
  if ((connection === undefined) === (postgres === undefined)) {
    throw new TypeError(
      "bullmqInbox needs either a Redis or a PostgreSQL: { connection: 'redis://…' } or { postgres: 'postgres://…' }.",
    );
  }
  if (postgres === undefined) {
    const settings = redisSettingsOf(connection, prefix, name);
    return (hooks) => createRedisEngine(name, settings, hooks);
  }
  const checked = postgresConnectionOf(postgres);
  return (hooks) => createPostgresEngine(name, checked, hooks);
}
