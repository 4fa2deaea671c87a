import { type Ledger, WebhookError } from '@blue-webhooks/core';
import { Lease, LedgerCalls } from '@blue-webhooks/core/adapter';
import { EventTokenError } from './errors';

/** The ledger's result for a token: it must be handled now, was handled before, or is being handled. */
type Turn = HandleNow | { readonly state: 'done' } | { readonly state: 'in-progress' };

/** The token must be handled now, under a lease that is renewed until the result is recorded. Neither function rejects. */
interface HandleNow {
  readonly state: 'new';
  /** Records that the token was handled. */
  finish(): Promise<void>;
  /** Records that handling it failed, so that a retry can begin. */
  fail(): Promise<void>;
}

/**
 * Acquires a lease for a token. A later failure of the ledger is reported; the token has been handled nevertheless.
 * @throws EventTokenError LEDGER_FAILED if the ledger fails, hangs for a second, or returns a value outside its contract
 */
export type TakeTurn = (id: string, report: (error: EventTokenError | WebhookError) => void) => Promise<Turn>;

/**
 * Returns what acquires leases from the ledger. Without a ledger, each token must be handled now.
 * @throws TypeError if the ledger lacks a method, or its times are too short
 */
export function turnsOf(ledger: Ledger | undefined): TakeTurn {
  if (ledger === undefined) return async () => ({ state: 'new', finish: async () => {}, fail: async () => {} });
  if (typeof ledger !== 'object' || ledger === null)
    throw new TypeError('ledger must be an object such as memoryLedger().');
  const calls = new LedgerCalls(ledger);
  return async (id, report) => {
    let cause: unknown;
    const answer = await calls.begin(id, {
      report: (error) => {
        cause = error.cause;
      },
    });
    if (!answer) throw new EventTokenError('LEDGER_FAILED', { cause });
    return answer.state === 'new' ? turnUnder(calls, id, answer.token, report) : answer;
  };
}

function turnUnder(calls: LedgerCalls, id: string, token: string, report: Parameters<TakeTurn>[1]): HandleNow {
  const failed = ({ cause }: WebhookError) => report(new EventTokenError('LEDGER_FAILED', { cause }));
  let isLost = false;
  const lose = () => {
    if (!isLost) report(new WebhookError('LEASE_LOST'));
    isLost = true;
  };
  const lease = new Lease(calls, id, token, failed, { onStale: lose, onDeadLettered: () => {} });
  return {
    state: 'new',
    async finish() {
      if ((await lease.finish()) === 'stale') lose();
    },
    async fail() {
      lease.stop();
      await calls.fail(id, token, { report: failed });
      if ((await lease.release()) === 'stale') lose();
    },
  };
}
