import type { PgPool } from 'bullmq';

/** Why this Redis can lose what it has confirmed, by its answer to INFO, which managed Redis gives where it hides its configuration. */
export function redisLoss(info: string): string | undefined {
  const read = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  const policy = read('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    return `Redis deletes deliveries when its memory is full: its maxmemory-policy is ${policy}; set it to noeviction.`;
  }
  if (read('aof_enabled') !== '1') {
    return 'Redis forgets deliveries when it restarts: it keeps no append-only file; set appendonly to yes.';
  }
  return undefined;
}

/** Why this PostgreSQL can lose what it has confirmed. */
export async function postgresLoss(pool: PgPool): Promise<string | undefined> {
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await pool.query('SELECT current_setting($1) AS value', [setting]);
    if ((rows[0] as { value: string }).value === 'off') {
      return `PostgreSQL confirms what is not on its disk yet: ${setting} is off; set it to on.`;
    }
  }
  return undefined;
}
