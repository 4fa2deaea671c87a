import { Attempt, type LeaseUse } from './attempt';
import { type Deadline, within } from './deadline';
import type { Delivery } from './delivery';
import { type FailureCode, WebhookError } from './errors';
import { createHandOver, type DeadLetter } from './hand-over';
import { afterTheDeadline, type HandlerFailure } from './handler-failure';
import type { Ledger } from './ledger';
import { LedgerCalls } from './ledger-calls';

/** What is remembered of deliveries, and where one goes that keeps failing. */
export interface LedgerUse {
  /** Remembers deliveries, so that a duplicate is not handled twice: `memoryLedger()`, `redisLedger(client)`, or your own. */
  readonly ledger?: Ledger | undefined;
  /**
   * Called with a delivery at its 4th failure. The delivery is acknowledged only if it resolves: a 5th failure would disable the whole
   * webhook. Called again at the next failure if it rejects. Requires a ledger, which counts the failures.
   */
  readonly deadLetter?: DeadLetter | undefined;
}

/** What Blue is answered, and why. */
export interface Verdict {
  readonly code: FailureCode | undefined;
  /** Whether the delivery is acknowledged in spite of the failure. */
  readonly acknowledged?: boolean;
  /** Whether no handler ran for this request: the delivery was done, or another request was running its handlers. */
  readonly duplicate?: boolean;
}

/** One request, and what it takes to handle its delivery. */
export interface HandlingRequest {
  readonly delivery: Delivery;
  readonly deadline: Deadline;
  /** Runs the handlers. */
  readonly handle: () => Promise<HandlerFailure | undefined>;
  readonly report: (error: WebhookError) => void;
}

/** Blue disables a webhook at the 5th failure of one delivery; the 4th is the last that can be spared. */
const LAST_SPARE_FAILURE = 4;
/** How soon, and then how often, the ledger is asked again for a delivery that another process holds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

type Begun = { readonly attempt: Attempt; readonly token: string | undefined } | 'done' | 'in-progress';

/** The attempts that run in this process, by ledger and delivery: receivers that share a ledger share them. */
const runningWith = new WeakMap<Ledger, Map<string, Promise<Begun>>>();

/**
 * Creates what handles a delivery once, with the help of a ledger; `undefined` without one.
 * @throws TypeError for an invalid ledger, and for a `deadLetter` without a ledger
 */
export function createAttempts({ ledger, deadLetter }: LedgerUse) {
  if (deadLetter !== undefined && typeof deadLetter !== 'function')
    throw new TypeError('deadLetter must be a function.');
  if (deadLetter && !ledger) {
    throw new TypeError(
      'deadLetter requires a ledger, which counts the failures: createReceiver({ ledger: memoryLedger(), … }).',
    );
  }
  return ledger && attemptsWith(ledger, deadLetter);
}

function attemptsWith(
  ledger: Ledger,
  deadLetter: DeadLetter | undefined,
): (request: HandlingRequest) => Promise<Verdict> {
  const calls = new LedgerCalls(ledger);
  const running = runningWith.get(ledger) ?? new Map<string, Promise<Begun>>();
  runningWith.set(ledger, running);

  async function begin({ delivery, deadline, handle, report }: HandlingRequest): Promise<Begun> {
    const { id } = delivery;
    const answer = await calls.begin(id, { report, withinMs: deadline.answerMs });
    if (answer && answer.state !== 'new') return answer.state;
    if (answer) Object.assign(delivery, { attempt: answer.attempt });
    const isDead = () => attempt.deadLettered;
    const lease = answer && leaseOf(calls, id, answer.token, isDead, report);
    const attempt: Attempt = new Attempt(handle(), lease, ({ error }) => report(afterTheDeadline(error)));
    void attempt.closed.then(() => running.delete(id));
    return { attempt, token: answer?.token };
  }

  /** Waits for the handlers until the request's deadline. */
  async function answerAfter(
    request: HandlingRequest,
    begun: Exclude<Begun, string>,
    duplicate: boolean,
  ): Promise<Verdict> {
    const { deadline, report } = request;
    const { attempt, token } = begun;
    if (duplicate) attempt.enter();
    try {
      const late = () => new WebhookError(duplicate ? 'IN_PROGRESS' : 'DEADLINE_EXCEEDED');
      const failure = await deadline.race(attempt.work, late);
      if (failure && !failure.final) return await failed(request, failure.error, token, attempt);
      await within(deadline.answerMs, attempt.recorded, () => new Error()).catch(() => {}); // answered all the same
      if (!failure) return { code: undefined, duplicate };
      report(failure.error);
      return { code: failure.error.code, acknowledged: true, duplicate };
    } catch (late) {
      return await failed(request, late as WebhookError, token, attempt);
    } finally {
      attempt.leave();
    }
  }

  /** Counts an answer that is not 2xx, and moves the delivery to the dead letters at the 4th. */
  async function failed(
    { delivery, deadline, report }: HandlingRequest,
    error: WebhookError,
    token: string | undefined,
    attempt?: Attempt,
  ): Promise<Verdict> {
    report(error);
    if (attempt && token === undefined) return { code: error.code }; // the ledger is down: nobody counts
    const failures = await calls.fail(delivery.id, token, { report, withinMs: deadline.answerMs });
    if (failures === 'done') return { code: undefined, duplicate: true };
    if (typeof failures !== 'number' || failures < LAST_SPARE_FAILURE || !handOver) return { code: error.code };
    try {
      Object.assign(delivery, { attempt: failures });
      const late = () => new Error('deadLetter did not settle before the answer had to leave.');
      await within(deadline.answerMs, handOver(delivery, error, report), late);
      return { code: error.code, acknowledged: true };
    } catch (cause) {
      report(new WebhookError('DEAD_LETTER_FAILED', { cause }));
      return { code: error.code };
    }
  }

  const handOver =
    deadLetter &&
    createHandOver(deadLetter, async ({ id }, report) => {
      const begun = await running.get(id);
      if (typeof begun === 'object') begun.attempt.deadLettered = true;
      await calls.deadLetter(id, { report });
    });

  return async (request) => {
    const { delivery, deadline } = request;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const present = running.get(delivery.id);
      const beginning = present ?? begin(request);
      if (!present) running.set(delivery.id, beginning);
      const begun = await beginning;
      if (typeof begun === 'object') {
        if (begun.attempt.deadLettered) return { code: undefined, duplicate: true };
        if (!present || !begun.attempt.settled) return answerAfter(request, begun, present !== undefined);
        if (!(await isClosed(begun.attempt, deadline)))
          return failed(request, new WebhookError('IN_PROGRESS'), undefined);
        continue;
      }
      if (running.get(delivery.id) === beginning) running.delete(delivery.id);
      if (begun === 'done') return { code: undefined, duplicate: true };
      if (deadline.remainingMs <= 0) return failed(request, new WebhookError('IN_PROGRESS'), undefined);
      await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, Math.max(0, deadline.remainingMs))));
    }
  };
}

/** Whether the next attempt may begin before the answer must leave. */
function isClosed({ closed }: Attempt, deadline: Deadline): Promise<boolean> {
  const late = () => new Error();
  return within(deadline.answerMs, closed, late).then(
    () => true,
    () => false,
  );
}

function leaseOf(
  calls: LedgerCalls,
  id: string,
  token: string,
  isDeadLettered: () => boolean,
  report: HandlingRequest['report'],
): LeaseUse {
  const lost = () => report(new WebhookError('LEASE_LOST'));
  return {
    leaseMs: calls.leaseMs,
    async renew() {
      const held = await calls.renew(id, token, { report });
      if (held === false && !isDeadLettered()) lost();
      return held !== false;
    },
    async finish() {
      const answer = await calls.finish(id, token, { report });
      if (isDeadLettered() || answer === 'dead-lettered') report(new WebhookError('HANDLED_AFTER_DEAD_LETTER'));
      else if (answer === 'stale') lost();
    },
    async release() {
      await calls.release(id, token, { report });
    },
  };
}
