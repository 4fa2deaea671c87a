import type { PgPool } from 'bullmq';

/** How confirmed writes can be lost. */
export interface Loss {
  readonly reason: string;
  /** Only a power cut or a crash of the whole machine loses them. */
  readonly onlyAtPowerCut: boolean;
}

/**
 * Returns how this Redis can lose confirmed writes, from its response to INFO, which managed Redis allows even if it hides
 * its configuration, and from its `appendfsync` if it is readable.
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
  if (read('role') === 'slave' && read('slave_read_only') === '0') {
    return {
      reason: 'Redis is a writable replica, which forgets what it has confirmed: connect to its primary.',
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

/** Returns how this PostgreSQL can lose confirmed writes. */
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
