import { DriverError } from './driver-error';
import type { DeadLetterAnswer, FinishAnswer, Ledger, LedgerOptions, ReleaseAnswer, RenewAnswer } from './ledger';
import { ledgerTimes } from './ledger-times';

/** What is used of ioredis and iovalkey, also of their `Cluster`. */
export interface IoRedisClient {
  /** Sends a command with its arguments. */
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** What is used of the client of node-redis. */
export interface NodeRedisClient {
  /** Sends a command: its name, then its arguments. */
  sendCommand(args: string[]): Promise<unknown>;
}

/** What is used of the cluster client of node-redis, which finds the node by the key. */
export interface NodeRedisCluster {
  /** Sends a command to the node that holds the key. */
  sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>;
  /** The nodes; only a cluster client has them. */
  readonly masters: readonly unknown[];
}

/** What is used of the Sentinel client of node-redis. */
export interface NodeRedisSentinel {
  /** Sends a command to the master, or to a replica if it only reads. */
  sendCommand(isReadonly: boolean | undefined, args: string[]): Promise<unknown>;
  /** The current master; only a Sentinel client has it. */
  getMasterNode(): unknown;
}

/** A connected Redis client: of ioredis, iovalkey or node-redis, single, cluster or Sentinel. */
export type RedisClient = IoRedisClient | NodeRedisClient | NodeRedisCluster | NodeRedisSentinel;

// One hash holds a delivery: `state` (done, dead-lettered), `failures`, and of the lease `token`, `ends` and `counted`. Scripts, because each
// step must be atomic; with one key each, because a cluster asks for that. Times are the server's, in milliseconds.
const NOW = `local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)`;
const KEEP = `redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(ARGV[1], ARGV[2])))`;
const scripts = {
  begin: `${NOW}
local f = redis.call('HMGET', KEYS[1], 'state', 'failures', 'token', 'ends', 'counted')
if f[1] then return {'done'} end
if f[3] and tonumber(f[4]) > now then return {'in-progress'} end
local failures = tonumber(f[2] or 0)
if f[3] and f[5] == '0' then failures = failures + 1 end
redis.call('HSET', KEYS[1], 'failures', failures, 'token', ARGV[3], 'ends', string.format('%.0f', now + ARGV[2]), 'counted', '0')
${KEEP}
return {'new', string.format('%d', failures + 1)}`,
  renew: `${NOW}
if redis.call('HGET', KEYS[1], 'state') == 'dead-lettered' then return {'dead-lettered'} end
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[3] then return {'stale'} end
redis.call('HSET', KEYS[1], 'ends', string.format('%.0f', now + ARGV[2]))
${KEEP}
return {'renewed'}`,
  finish: `if redis.call('HGET', KEYS[1], 'state') == 'dead-lettered' then return {'dead-lettered'} end
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[3] then return {'stale'} end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'state', 'done')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {'finished'}`,
  fail: `if redis.call('HEXISTS', KEYS[1], 'state') == 1 then return {'done'} end
if ARGV[3] ~= '' then
  if redis.call('HGET', KEYS[1], 'token') ~= ARGV[3] then return {'stale'} end
  redis.call('HSET', KEYS[1], 'counted', '1')
end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
${KEEP}
return {'failures', string.format('%d', failures)}`,
  release: `if redis.call('HGET', KEYS[1], 'state') == 'dead-lettered' then return {'dead-lettered'} end
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[3] then return {'stale'} end
redis.call('HDEL', KEYS[1], 'token', 'ends', 'counted')
return {'released'}`,
  deadLetter: `if redis.call('HGET', KEYS[1], 'state') == 'done' then return {'done'} end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'state', 'dead-lettered')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {'dead-lettered'}`,
};

/**
 * Creates a ledger in Redis 5 or later (or what speaks its protocol), for receivers in several processes. Pass a connected client, single, cluster
 * or Sentinel; it stays yours to close.
 * @param options.prefix what the keys begin with. Defaults to `blue-webhooks:`.
 * @throws TypeError if `client` is not a client of ioredis, iovalkey or node-redis, or a number is not a positive integer
 */
export function redisLedger(
  client: RedisClient,
  options: LedgerOptions & { readonly prefix?: string | undefined } = {},
): Ledger {
  const { ttlMs, leaseMs } = ledgerTimes('redisLedger', options);
  const { prefix = 'blue-webhooks:' } = options;
  if (typeof prefix !== 'string') throw new TypeError('prefix must be a string.');
  const send = senderOf(client);

  /** @throws DriverError, never the client's own error: that carries the arguments of the command */
  async function run(script: keyof typeof scripts, id: string, token = ''): Promise<readonly string[]> {
    const args = ['EVAL', scripts[script], '1', `${prefix}${id}`, String(ttlMs), String(leaseMs), token];
    try {
      const reply = await send(args);
      if (Array.isArray(reply)) return reply.map(String);
    } catch (error) {
      throw DriverError.from(error);
    }
    throw new TypeError('Redis answered a script with something other than a list.');
  }

  return {
    leaseMs,
    ttlMs,
    async begin(id) {
      const token = crypto.randomUUID();
      const [state, attempt] = await run('begin', id, token);
      if (state === 'new') return { state, token, attempt: Number(attempt) };
      return { state: state === 'done' ? 'done' : 'in-progress' };
    },
    renew: async (id, token) => (await run('renew', id, token))[0] as RenewAnswer,
    finish: async (id, token) => (await run('finish', id, token))[0] as FinishAnswer,
    async fail(id, token) {
      const [state, failures] = await run('fail', id, token);
      return state === 'stale' || state === 'done' ? state : Number(failures);
    },
    release: async (id, token) => (await run('release', id, token))[0] as ReleaseAnswer,
    deadLetter: async (id) => (await run('deadLetter', id))[0] as DeadLetterAnswer,
  };
}

type Send = (args: string[]) => Promise<unknown>;

/** Recognises the client by its shape: their functions take the same command in different ways. */
function senderOf(client: RedisClient): Send {
  const used = (client ?? {}) as Partial<IoRedisClient & NodeRedisCluster & NodeRedisSentinel>;
  if (typeof used.call === 'function') {
    return ([command, ...args]) => (client as IoRedisClient).call(command as string, ...args);
  }
  if (typeof used.sendCommand === 'function' && !('send_command' in used)) {
    if (Array.isArray(used.masters)) return (args) => (client as NodeRedisCluster).sendCommand(args[3], false, args);
    if (typeof used.getMasterNode === 'function')
      return (args) => (client as NodeRedisSentinel).sendCommand(false, args);
    return (args) => (client as NodeRedisClient).sendCommand(args);
  }
  throw new TypeError(
    'redisLedger needs a connected Redis client: of ioredis, iovalkey, or node-redis 4 or later (single, cluster or Sentinel).',
  );
}
