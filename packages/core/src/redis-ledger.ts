import {
  DEFAULT_LEASE_MS,
  DEFAULT_TTL_MS,
  type Ledger,
  type LedgerOptions,
  type LedgerState,
  requirePositive,
} from './ledger';

/** What is needed of a Redis client: to send a command. ioredis and iovalkey have `call`, node-redis has `sendCommand`. */
export type RedisClient =
  | {
      /** Sends a command and resolves to its reply. */
      call(command: string, ...args: string[]): Promise<unknown>;
    }
  | {
      /** Sends a command, its name first, and resolves to its reply. */
      sendCommand(args: string[]): Promise<unknown>;
    };

// One key holds the attempts, and 'done' in the end; the other is the lease. Scripts, because each step must be atomic.
const BEGIN = `
if redis.call('GET', KEYS[1]) == 'done' then return 'done' end
if not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[2]) then return 'in-progress' end
redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 'new'`;
const FINISH = `
redis.call('SET', KEYS[1], 'done', 'PX', ARGV[1])
redis.call('DEL', KEYS[2])`;
const FAIL = `
redis.call('DEL', KEYS[2])
return redis.call('GET', KEYS[1])`;
const ATTEMPTS = `return redis.call('GET', KEYS[1])`;

/**
 * A ledger in Redis (or what speaks its protocol), for receivers in several processes. Give it a client that is connected.
 * @throws TypeError if the client is none, or a number is not positive
 */
export function redisLedger(
  client: RedisClient,
  options: LedgerOptions & { readonly prefix?: string } = {},
): Required<Ledger> {
  const { prefix = 'blue-webhooks:', ttlMs = DEFAULT_TTL_MS, leaseMs = DEFAULT_LEASE_MS } = options;
  requirePositive({ ttlMs, leaseMs });
  const send = senderOf(client);
  const run = (script: string, id: string) => {
    const key = `${prefix}{${id}}`; // the braces keep both keys on one node of a cluster
    return send(['EVAL', script, '2', key, `${key}:lease`, String(ttlMs), String(leaseMs)]);
  };
  const count = (reply: unknown) => Number(String(reply ?? 0)) || 0;
  return {
    begin: async (id) => String(await run(BEGIN, id)) as LedgerState,
    finish: async (id) => void (await run(FINISH, id)),
    fail: async (id) => count(await run(FAIL, id)),
    attempts: async (id) => count(await run(ATTEMPTS, id)),
  };
}

function senderOf(client: RedisClient): (args: string[]) => Promise<unknown> {
  if (typeof client === 'object' && client !== null) {
    if ('call' in client) return ([command, ...args]) => client.call(command as string, ...args);
    if ('sendCommand' in client) return (args) => client.sendCommand(args);
  }
  throw new TypeError('redisLedger needs a connected Redis client: one of ioredis, iovalkey or node-redis.');
}
