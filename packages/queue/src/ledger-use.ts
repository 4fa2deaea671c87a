import { type Ledger, WebhookError } from '@blue-webhooks/core';
import { Lease, LedgerCalls } from '@blue-webhooks/core/adapter';

/** A delivery that this consumer may handle. */
export interface ClaimedDelivery {
  readonly state: 'ours';
  /** Absent without a ledger, and if it failed. */
  readonly leaseToken?: string;
  /** Records the result. */
  conclude(isDone: boolean): Promise<void>;
  /** Keeps the delivery after the attempt, until its handlers have settled: nobody else may run them meanwhile. */
  keepFor(late: Promise<boolean>): void;
}

/** A delivery that this consumer may handle, or why it may not. */
type Claim = { readonly state: 'done' } | { readonly state: 'held'; readonly leaseMs: number } | ClaimedDelivery;

/** Decides with a ledger which consumer handles a delivery. A ledger that fails holds up none. */
export type ClaimDelivery = (id: string, report: (error: WebhookError) => void) => Promise<Claim>;

/** The claim without a ledger, and of one that has failed. */
const unshared: Claim = { state: 'ours', conclude: async () => {}, keepFor: () => {} };

/** @throws TypeError if the ledger lacks a method, or its times are too short */
export function claimsOf(ledger: Ledger | undefined): ClaimDelivery {
  if (ledger === undefined) return async () => unshared;
  if (typeof ledger !== 'object' || ledger === null)
    throw new TypeError('ledger must be an object such as memoryLedger().');
  const calls = new LedgerCalls(ledger);
  return async (id, report) => {
    const answer = await calls.begin(id, { report });
    if (!answer) return unshared;
    if (answer.state === 'done') return answer;
    if (answer.state === 'in-progress') return { state: 'held', leaseMs: calls.leaseMs };
    return claimUnder(calls, id, answer.token, report);
  };
}

function claimUnder(calls: LedgerCalls, id: string, token: string, report: (error: WebhookError) => void): Claim {
  let isLost = false;
  let isKept = false;
  const lose = () => {
    if (!isLost) report(new WebhookError('LEASE_LOST'));
    isLost = true;
  };
  const lease = new Lease(calls, id, token, report, { onStale: lose, onDeadLettered: () => {} });
  async function record(isDone: boolean): Promise<void> {
    // A dead letter is given back as well: what is sent again from the dead letters has to run.
    const answer = await (isDone ? lease.finish() : lease.release());
    if (answer === 'stale') lose();
  }
  return {
    state: 'ours',
    leaseToken: token,
    conclude: async (isDone) => (isKept ? undefined : record(isDone)),
    keepFor(late) {
      isKept = true;
      void late.then(record);
    },
  };
}
