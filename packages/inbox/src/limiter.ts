import { UnrecoverableError } from '@blue-webhooks/core';
import type { AttemptResult } from './attempt';
import { type DeliveryFacts, factsOf } from './delivery';
import { errorText } from './error-text';
import type { Report } from './inbox-event';
import type { CheckedLimit } from './limit-options';
import {
  begun,
  ended,
  holderOf,
  type LimitState,
  parseState,
  placeOf,
  roomOf,
  shownKey,
  storedKey,
  toStored,
} from './limit-state';
import type { InboxStore, Lease, StoredLimits } from './store';

/** Applies the limits of a worker, whose state is in the store. */
export interface Limiter {
  /** Returns the leased deliveries that may run now. The others wait for their limits, and their attempts do not count. */
  admit(leases: readonly Lease[]): Promise<readonly Lease[]>;
  /**
   * Stores how an attempt ended, for its breakers, with `persist`. Returns the result: a failure while a breaker is open does not
   * count as an attempt.
   */
  end(lease: Lease, result: AttemptResult, persist: Persist): Promise<AttemptResult>;
}

type Persist = (write: () => Promise<boolean>) => Promise<boolean>;

const MAX_KEY_LENGTH = 200;
/** The key of deliveries for which the option returned none that can be used. */
const INVALID_KEY = '(invalid)';

export function createLimiter(store: InboxStore, limits: readonly CheckedLimit[], report: Report): Limiter {
  /** The stored keys of leases that run. */
  const keysOfLease = new WeakMap<Lease, readonly string[]>();
  const warned = new Set<number>();
  const ruleOf = (key: string) => limits[placeOf(key)] as CheckedLimit;

  function keysOf(delivery: DeliveryFacts): readonly string[] {
    return limits.flatMap((limit, place) => {
      const key = keyOf(limit, delivery);
      if (key === INVALID_KEY && !warned.has(place)) {
        warned.add(place);
        report({
          type: 'warning',
          reason: `limits[${place}].key threw, or returned something other than undefined or a string of 1 to ${MAX_KEY_LENGTH} printable characters: such deliveries are limited together, under the key ${INVALID_KEY}.`,
        });
      }
      return key === undefined ? [] : [storedKey(place, key)];
    });
  }

  async function admit(leases: readonly Lease[]): Promise<readonly Lease[]> {
    const limited = leases
      .map((lease) => ({ lease, keys: keysOf(factsOf(lease.delivery)) }))
      .filter(({ keys }) => keys.length > 0);
    if (limited.length === 0) return leases;
    const refused = new Map<Lease, string>();
    await store.updateLimits({
      keys: [...new Set(limited.flatMap(({ keys }) => keys))],
      change(stored) {
        refused.clear();
        const states = new Map<string, LimitState>();
        const stateOf = (key: string) => states.get(key) ?? parseState(stored.states.get(key));
        for (const { lease, keys } of limited) {
          const full = keys.find((key) => roomOf(ruleOf(key), stateOf(key), stored) < 1);
          if (full !== undefined) {
            refused.set(lease, full);
            continue;
          }
          const holder = holderOf(lease.token, lease.delivery.id);
          for (const key of keys) states.set(key, begun(ruleOf(key), stateOf(key), holder, stored));
        }
        return { states: toRows(states, stored), waiting: [...refused].map(([lease, key]) => ({ lease, key })) };
      },
    });
    for (const { lease, keys } of limited) if (!refused.has(lease)) keysOfLease.set(lease, keys);
    return leases.filter((lease) => !refused.has(lease));
  }

  async function end(lease: Lease, result: AttemptResult, persist: Persist): Promise<AttemptResult> {
    const keys = (keysOfLease.get(lease) ?? []).filter((key) => ruleOf(key).breaker);
    if (keys.length === 0 || !(result.type === 'succeeded' || isFailure(result))) return result;
    const error = isFailure(result) ? errorText(result.error, lease.delivery.rawBody) : undefined;
    let changes: { key: string; change: 'opened' | 'closed'; failures: number }[] = [];
    let pauseMs = 0;
    const stored = await persist(async () => {
      await store.updateLimits({
        keys,
        change(before) {
          changes = [];
          pauseMs = 0;
          const states = new Map<string, LimitState>();
          for (const key of keys) {
            const rule = ruleOf(key);
            const holder = holderOf(lease.token, lease.delivery.id);
            const { state, change } = ended(rule, parseState(before.states.get(key)), holder, error, before.now);
            states.set(key, state);
            if (change) changes.push({ key: shownKey(key), change, failures: state.failures ?? 0 });
            if (state.open) pauseMs = Math.max(pauseMs, rule.breaker?.pauseMs ?? 0);
          }
          return { states: toRows(states, before), waiting: [] };
        },
      });
      return true;
    });
    if (!stored) return result;
    for (const { key, change, failures } of changes) {
      report(change === 'opened' ? { type: 'breaker-opened', key, failures } : { type: 'breaker-closed', key });
    }
    if (pauseMs === 0 || !isFailure(result)) return result;
    return { type: 'postponed', error: result.error, until: new Date(Date.now() + pauseMs) };
  }

  return { admit, end };
}

/** A failure of the delivery itself, which no retry can help, proves nothing about the system that the key stands for. */
function isFailure(result: AttemptResult): result is Extract<AttemptResult, { type: 'retried' | 'dead-letter' }> {
  return (result.type === 'retried' || result.type === 'dead-letter') && !UnrecoverableError.is(result.error);
}

const toRows = (states: ReadonlyMap<string, LimitState>, stored: StoredLimits) =>
  [...states].map(([key, state]) => ({ key, ...toStored(state, stored) }));

/** Without what a store, or a terminal that shows keys, cannot hold. */
const isKey = (key: string): boolean => key.length > 0 && key.length <= MAX_KEY_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(key);

function keyOf({ key }: CheckedLimit, delivery: DeliveryFacts): string | undefined {
  try {
    const returned: unknown = key(delivery);
    if (returned === undefined) return undefined;
    return typeof returned === 'string' && isKey(returned) ? returned : INVALID_KEY;
  } catch {
    return INVALID_KEY;
  }
}
