import type { PgPool, RedisClient } from 'bullmq';

/**
 * Records the ids of received deliveries, even after their jobs were removed. BullMQ recognises an id only while its job
 * exists.
 */
export interface Digests {
  has(id: string): Promise<boolean>;
  /** Records an id. Returns whether it is new. */
  add(id: string, forMs: number): Promise<boolean>;
  remove(id: string): Promise<void>;
  /** Deletes expired ids. */
  forget(): Promise<void>;
}

export function redisDigests(connected: Promise<RedisClient>, prefix: string): Digests {
  const lua = "return redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1])";
  const prepared = connected.then((client) => {
    client.defineCommand('blueRemember', { numberOfKeys: 1, lua });
    return client;
  });
  prepared.catch(() => {}); // each method rejects with it
  return {
    has: async (id) => (await (await prepared).get(`${prefix}:${id}`)) !== null,
    add: async (id, forMs) => (await (await prepared).runCommand('blueRemember', [`${prefix}:${id}`, forMs])) !== null,
    remove: async (id) => void (await (await prepared).del(`${prefix}:${id}`)),
    forget: async () => {}, // Redis does
  };
}

export function postgresDigests(pool: PgPool, queue: string): Digests & { prepare(): Promise<void> } {
  async function add(id: string, forMs: number): Promise<boolean> {
    const { rows } = await pool.query(
      `INSERT INTO blue_digest AS digest (queue, id, expires_at_ms) VALUES ($1, $2, $3)
       ON CONFLICT (queue, id) DO UPDATE SET expires_at_ms = $3 WHERE digest.expires_at_ms <= $4 RETURNING 1`,
      [queue, id, Date.now() + forMs, Date.now()],
    );
    return rows.length > 0;
  }
  return {
    async prepare() {
      const { rows } = await pool.query("SELECT to_regclass('blue_digest') IS NOT NULL AS exists");
      if ((rows[0] as { exists: boolean }).exists) return;
      // One transaction, because two processes that start at the same time would conflict.
      await pool.query(`
        DO $$ BEGIN
          PERFORM pg_advisory_xact_lock(hashtext('blue_digest'));
          CREATE TABLE IF NOT EXISTS blue_digest (
            queue text NOT NULL, id text NOT NULL, expires_at_ms bigint NOT NULL, PRIMARY KEY (queue, id)
          );
          CREATE INDEX IF NOT EXISTS blue_digest_expiry ON blue_digest (queue, expires_at_ms);
        END $$`);
    },
    async has(id) {
      const { rows } = await pool.query(
        'SELECT 1 FROM blue_digest WHERE queue = $1 AND id = $2 AND expires_at_ms > $3',
        [queue, id, Date.now()],
      );
      return rows.length > 0;
    },
    add,
    remove: async (id) => void (await pool.query('DELETE FROM blue_digest WHERE queue = $1 AND id = $2', [queue, id])),
    forget: async () =>
      void (await pool.query('DELETE FROM blue_digest WHERE queue = $1 AND expires_at_ms < $2', [queue, Date.now()])),
  };
}
