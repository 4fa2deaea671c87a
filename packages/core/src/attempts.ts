import { type Deadline, within } from './deadline';
import type { Delivery } from './delivery';
import { WebhookError } from './errors';
import type { Ledger, LedgerState } from './ledger';

/** What is remembered of deliveries, and what becomes of one that keeps failing. */
export interface LedgerUse {
  /** Remembers deliveries, so that a duplicate is not handled twice: `memoryLedger()`, `redisLedger(client)`, your own. */
  readonly ledger?: Ledger;
  /**
   * Takes a delivery whose handlers have failed for the 4th time. Only if it resolves is the delivery acknowledged: the 5th
   * failure would disable the whole webhook. Needs a ledger, which counts.
   */
  readonly deadLetter?: (delivery: Delivery, error: WebhookError) => unknown;
}

type Report = (error: WebhookError) => void;

/** The ledger as the receiver uses it. */
export interface Attempts {
  /** Takes the delivery on, and tells its handlers which attempt this is. */
  begin(delivery: Delivery, report: Report): Promise<LedgerState>;
  finish(delivery: Delivery, report: Report): Promise<void>;
  /** Counts a failure, and hands the delivery over if it was the 4th: whether it may be acknowledged. */
  giveUp(delivery: Delivery, error: WebhookError, deadline: Deadline, report: Report): Promise<boolean>;
}

/** Blue disables a webhook at the 5th failure of one delivery; the 4th is the last that can be spared. */
const LAST_SPARE_ATTEMPT = 4;
/** A ledger that is down must not take the time that handlers need. */
const LEDGER_PATIENCE_MS = 1_000;
/** What is left between our deadline of 6 seconds and the 7 after which Blue hangs up. */
const DEAD_LETTER_GRACE_MS = 800;

/** @throws TypeError for a ledger that is none, and for a `deadLetter` without one */
export function createAttempts({ ledger, deadLetter }: LedgerUse): Attempts {
  if (deadLetter && !ledger) {
    throw new TypeError(
      'deadLetter needs a ledger, which counts the attempts: createReceiver({ ledger: memoryLedger(), … }).',
    );
  }
  if (!ledger) return { begin: async () => 'new', finish: async () => {}, giveUp: async () => false };
  for (const name of ['begin', 'finish', 'fail'] as const) {
    if (typeof ledger[name] !== 'function')
      throw new TypeError(`ledger.${name} must be a function: see memoryLedger().`);
  }

  /** Asks the ledger; where it fails, the delivery is handled as if there were none. */
  async function ask<T>(question: () => T | Promise<T>, fallback: T, report: Report): Promise<T> {
    try {
      const late = () => new Error('The ledger did not answer within a second.');
      return await within(LEDGER_PATIENCE_MS, Promise.resolve(question()), late);
    } catch (cause) {
      report(new WebhookError('LEDGER_FAILED', { cause }));
      return fallback;
    }
  }

  return {
    async begin(delivery, report) {
      const state = await ask<LedgerState>(() => ledger.begin(delivery.id), 'new', report);
      if (state !== 'new' || !ledger.attempts) return state;
      const attempt = await ask<number | undefined>(() => ledger.attempts?.(delivery.id), undefined, report);
      Object.assign(delivery, { attempt });
      return state;
    },
    finish: ({ id }, report) => ask(() => ledger.finish(id), undefined, report),
    async giveUp(delivery, error, deadline, report) {
      const attempts = await ask(() => ledger.fail(delivery.id), 0, report);
      if (!deadLetter || attempts < LAST_SPARE_ATTEMPT) return false;
      try {
        const late = () => new Error('deadLetter did not settle before the deadline.');
        const ms = Math.max(deadline.remainingMs, DEAD_LETTER_GRACE_MS);
        await within(ms, Promise.resolve(deadLetter(delivery, error)), late);
        return true;
      } catch (cause) {
        report(new WebhookError('DEAD_LETTER_FAILED', { cause }));
        return false;
      }
    },
  };
}
