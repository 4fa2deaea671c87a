import { count, kindOf, type Retry, requireFunctions } from '@blue-webhooks/core/adapter';
import type { Limit } from './limits';

/** What a limit allows for each of its keys. */
export interface LimitRule {
  readonly concurrency: number | undefined;
  readonly perMinute: number | undefined;
  readonly breaker: { readonly failures: number; readonly pauseMs: number } | undefined;
}

/** A limit, checked and complete. */
export interface CheckedLimit extends LimitRule {
  readonly key: Limit['key'];
}

const MAX_CONCURRENCY = 10_000;
const MAX_PER_MINUTE = 1_000_000;
const MAX_LIMITS = 100;
const DAY_MS = 86_400_000;
const DEFAULT_PAUSE_MS = 60_000;

/** @throws TypeError for an invalid limit */
export function limitsOf(limits: unknown, { maxAttempts }: Pick<Retry, 'maxAttempts'>): readonly CheckedLimit[] {
  if (limits === undefined) return [];
  if (!Array.isArray(limits) || limits.length > MAX_LIMITS) {
    const got = Array.isArray(limits) ? `${limits.length} of them` : kindOf(limits);
    throw new TypeError(`limits must be an array of at most ${MAX_LIMITS} limits, got ${got}.`);
  }
  return Array.from(limits, (limit, place) => limitOf(`limits[${place}]`, limit, maxAttempts));
}

function limitOf(name: string, limit: Limit | undefined, maxAttempts: number): CheckedLimit {
  const { key, concurrency, perMinute, breaker } = requireObject(name, limit, 'key: () => string, concurrency: 5');
  if (key === undefined)
    throw new TypeError(`${name}.key is missing: key: () => 'crm' limits all deliveries together.`);
  requireFunctions({ [`${name}.key`]: key });
  if (concurrency === undefined && perMinute === undefined && breaker === undefined) {
    throw new TypeError(`${name} limits nothing: set concurrency, perMinute or breaker.`);
  }
  return {
    key,
    concurrency: optional(`${name}.concurrency`, concurrency, MAX_CONCURRENCY),
    perMinute: optional(`${name}.perMinute`, perMinute, MAX_PER_MINUTE),
    breaker: breakerOf(`${name}.breaker`, breaker, maxAttempts),
  };
}

function breakerOf(name: string, breaker: Limit['breaker'], maxAttempts: number): LimitRule['breaker'] {
  if (breaker === undefined) return undefined;
  const given = requireObject(name, breaker, 'failures: 5');
  const failures = count(`${name}.failures`, given.failures);
  if (failures > maxAttempts) {
    throw new TypeError(
      `${name}.failures must be at most retry.maxAttempts, ${maxAttempts}, got ${failures}: a delivery would be a dead letter before the breaker opens.`,
    );
  }
  return { failures, pauseMs: count(`${name}.pauseMs`, given.pauseMs ?? DEFAULT_PAUSE_MS, DAY_MS) };
}

const optional = (name: string, value: unknown, max: number): number | undefined =>
  value === undefined ? undefined : count(name, value, max);

function requireObject<T extends object>(name: string, value: T | undefined, example: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TypeError(`${name} must be an object, got ${kindOf(value)}: { ${example} }.`);
}
