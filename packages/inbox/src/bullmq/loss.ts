import type { PgPool } from 'bullmq';

/** How what was confirmed can be lost. */
export interface Loss {
  readonly reason: string;
  /** Nothing short of a power cut, or a crash of the whole machine, loses it. */
  readonly onlyAtPowerCut: boolean;
}

/**
 * How this Redis can lose what it has confirmed, by its answer to INFO, which managed Redis gives where it hides its
 * configuration, and by its `appendfsync` where it tells.
 */
export function redisLoss(info: string, appendfsync: string | undefined): Loss | undefined {
  const lines = info.split('\n');
  const read = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() || undefined;
  const policy = read('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    return {
      reason: `Redis deletes deliveries when its memory is full: its maxmemory-policy is ${policy}; set it to noeviction.`,
      onlyAtPowerCut: false,
    };
  }
  if (read('aof_enabled') !== '1') {
    return {
      reason: 'Redis forgets deliveries when it restarts: it keeps no append-only file; set appendonly to yes.',
      onlyAtPowerCut: false,
    };
  }
  if (appendfsync === undefined || appendfsync === 'always') return undefined;
  return {
    reason: `Redis confirms what is not on its disk yet, and loses it in a power cut: its appendfsync is ${appendfsync}; set it to always.`,
    onlyAtPowerCut: true,
  };
}

/** How this PostgreSQL can lose what it has confirmed. */
export async function postgresLoss(pool: PgPool): Promise<Loss | undefined> {
  const { rows } = await pool.query(
    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off'",
  );
  const [first] = rows as { name: string }[];
  if (!first) return undefined;
  return {
    reason: `PostgreSQL confirms what is not on its disk yet: ${first.name} is off; set it to on.`,
    onlyAtPowerCut: false,
  };
}
