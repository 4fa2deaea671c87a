import type { Ledger, WebhookError } from '@blue-webhooks/core';
import { Lease, LedgerCalls } from '@blue-webhooks/core/adapter';

/** A delivery that this consumer may handle, or why it may not. */
type Claim =
  | { readonly state: 'done' }
  | { readonly state: 'held'; readonly leaseMs: number }
  | {
      readonly state: 'ours';
      /** Absent without a ledger, and if it failed. */
      readonly leaseToken?: string;
      conclude(isDone: boolean): Promise<void>;
    };

/** Decides with a ledger which consumer handles a delivery. A ledger that fails holds up none. */
export type ClaimDelivery = (id: string, report: (error: WebhookError) => void) => Promise<Claim>;

/** The claim without a ledger, and of one that has failed. */
const unshared: Claim = { state: 'ours', conclude: async () => {} };

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
    const lease = new Lease(calls, id, answer.token, report);
    // A dead letter is given back as well: what is sent again from the dead letters has to run.
    const conclude = async (isDone: boolean) => void (await (isDone ? lease.finish() : lease.release()));
    return { state: 'ours', leaseToken: answer.token, conclude };
  };
}
