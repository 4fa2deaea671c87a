import { type Deadline, pause, settled, within } from './deadline';
import type { Delivery } from './delivery';
import { DriverError } from './driver-error';
import { WebhookError } from './errors';
import { Lease } from './lease';
import type { LedgerCalls } from './ledger-calls';

/** Receives a delivery that keeps failing. */
export type DeadLetter = (delivery: Delivery, error: WebhookError) => unknown;

/** A failed request whose delivery is to be moved to the dead letters. */
export interface FailedRequest {
  readonly delivery: Delivery;
  readonly deadline: Deadline;
  readonly report: (error: WebhookError) => void;
}

/** Whether this request moved the delivery to the dead letters, another one had done so, or nobody could. */
export type HandOverResult = 'handed-over' | 'done' | 'failed';

const FIRST_PAUSE_MS = 20;
/** With less time left, the ledger is not asked: it would seem to hang, and could give a lease that nobody holds. */
const MIN_CALL_MS = 50;

/**
 * Calls `deadLetter` for one request at a time across all processes: the call has a lease in the ledger, as the handlers have, under
 * an id of its own. It lapses if the process dies, or if the call has not settled long after the answer.
 */
export function createHandOver(
  calls: LedgerCalls,
  deadLetter: DeadLetter,
): (request: FailedRequest, error: WebhookError, onTaken: () => Promise<void>) => Promise<HandOverResult> {
  return async (request, error, onTaken) => {
    const { deadline, report } = request;
    const id = `${request.delivery.id}:dead-letter`;
    for (let pauseMs = FIRST_PAUSE_MS; deadline.answerMs > MIN_CALL_MS; pauseMs *= 2) {
      const answer = await calls.begin(id, { report, withinMs: deadline.answerMs });
      if (!answer) return 'failed';
      if (answer.state === 'done') return 'done';
      if (answer.state === 'new') {
        const lease = new Lease(calls, id, answer.token, report);
        return handOver(request, error, lease, onTaken);
      }
      await pause(Math.min(pauseMs, deadline.answerMs));
    }
    return 'failed';
  };

  /** @param onTaken called when `deadLetter` has resolved, however late */
  async function handOver(
    request: FailedRequest,
    error: WebhookError,
    lease: Lease,
    onTaken: () => Promise<void>,
  ): Promise<HandOverResult> {
    const { delivery, deadline, report } = request;
    const failed = (cause: unknown) =>
      report(new WebhookError('DEAD_LETTER_FAILED', { cause: DriverError.from(cause) }));
    const taken = (async () => void (await deadLetter(delivery, error)))();
    const recorded = taken.then(
      async () => {
        await onTaken();
        await lease.finish();
      },
      async (cause) => {
        failed(cause);
        await lease.release();
      },
    );
    const late = new Error('deadLetter did not settle before the answer had to leave.');
    const result = await within(deadline.answerMs, taken, () => late).then(
      () => 'handed-over' as const,
      (cause) => {
        if (cause === late) failed(late);
        return 'failed' as const;
      },
    );
    await settled(deadline.answerMs, recorded);
    lease.letLapse();
    return result;
  }
}
