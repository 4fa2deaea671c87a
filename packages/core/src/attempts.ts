import { Attempt } from './attempt';
import { kindOf } from './bytes';
import { type Deadline, pause, settled, within } from './deadline';
import type { Delivery } from './delivery';
import { type FailureCode, WebhookError } from './errors';
import { createHandOver, type DeadLetter } from './hand-over';
import type { HandlerFailure } from './handler-failure';
import { requireFunctions } from './hooks';
import type { Ledger } from './ledger';
import { LedgerCalls } from './ledger-calls';
import type { Limits } from './limits';
import { keepAlive, type WaitUntil } from './wait-until';

/** What is remembered of deliveries, and where one goes that keeps failing. */
export interface LedgerUse {
  /** Remembers deliveries, so that a duplicate is not handled twice: `memoryLedger()`, `redisLedger(client)`, `postgresLedger(pool)`, `sqliteLedger(path)`, or your own. */
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
  /** Keeps the platform from stopping the process before the ledger has recorded how the attempt ended. */
  readonly keep?: WaitUntil | undefined;
}

/** Blue disables a webhook at the 5th failure of one delivery; the 4th is the last that can be spared. */
const LAST_SPARE_FAILURE = 4;
/** Leaves `deadLetter` some time before Blue times out. */
const MAX_DEADLINE_MS = 6_000;
/** How soon, and then how often, the ledger is asked again for a delivery that another process holds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** What came of the ledger's `begin`: an attempt of this process, or where the delivery stands elsewhere. */
type Begun = Attempt | 'done' | 'in-progress';

/** The attempts that run in this process, by ledger and delivery: receivers that share a ledger share them. */
const runningWith = new WeakMap<Ledger, Map<string, Promise<Begun>>>();

const recognised: Verdict = { code: undefined, duplicate: true };

/**
 * Creates what handles a delivery once, with the help of a ledger; `undefined` without one.
 * @throws TypeError for an invalid ledger, and for a `deadLetter` without a ledger or without time
 */
export function createAttempts({ ledger, deadLetter }: LedgerUse, { deadlineMs }: Pick<Limits, 'deadlineMs'>) {
  requireFunctions({ deadLetter });
  if (ledger !== undefined && (typeof ledger !== 'object' || ledger === null)) {
    throw new TypeError(`ledger must be an object such as memoryLedger(), got ${kindOf(ledger)}.`);
  }
  if (deadLetter && !ledger) {
    throw new TypeError(
      'deadLetter requires a ledger, which counts the failures: createReceiver({ ledger: memoryLedger(), … }).',
    );
  }
  if (deadLetter && deadlineMs > MAX_DEADLINE_MS) {
    throw new TypeError(
      `deadlineMs must be at most ${MAX_DEADLINE_MS} with deadLetter, which needs the time between the deadline and Blue's timeout of 7,000.`,
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
  const handOver = deadLetter && createHandOver(calls, deadLetter);

  /** @param held whether another process held the delivery a moment ago: then the handlers do not run if the ledger fails */
  async function begin({ delivery, deadline, handle, report }: HandlingRequest, held: boolean): Promise<Begun> {
    const { id } = delivery;
    const answer = await calls.begin(id, { report, withinMs: held ? deadline.answerMs : patienceMs(deadline) });
    if (!answer) return held ? 'in-progress' : new Attempt(handle(), undefined, report);
    if (answer.state !== 'new') return answer.state;
    Object.assign(delivery, { attempt: answer.attempt, leaseToken: answer.token });
    return new Attempt(handle(), { calls, id, token: answer.token }, report);
  }

  /** Begins for every request that arrives meanwhile. */
  function start(request: HandlingRequest, held: boolean): Promise<Begun> {
    const { id } = request.delivery;
    const beginning = begin(request, held);
    running.set(id, beginning);
    const forget = () => running.delete(id);
    void beginning.then((begun) => {
      const closed = typeof begun === 'string' ? undefined : begun.closed;
      if (closed) keepAlive(request.keep, closed.finally(forget));
      else forget();
    });
    return beginning;
  }

  /** Waits for the handlers until the request's deadline. */
  async function answerAfter(attempt: Attempt, request: HandlingRequest, duplicate: boolean): Promise<Verdict> {
    const { deadline, report } = request;
    if (duplicate) attempt.join();
    try {
      const late = () => new WebhookError(duplicate ? 'IN_PROGRESS' : 'DEADLINE_EXCEEDED');
      const failure = await attempt.result(deadline, late);
      if (failure && !failure.final) return await failed(request, failure.error, duplicate, attempt);
      await settled(deadline.answerMs, attempt.recorded); // the delivery is acknowledged in any case
      if (!failure || !attempt.takeReport()) return { code: undefined, duplicate };
      const { code } = failure.error;
      report(failure.error);
      return { code, acknowledged: true, duplicate };
    } catch (late) {
      return await failed(request, late as WebhookError, duplicate, attempt);
    } finally {
      attempt.leave();
    }
  }

  /** Counts an answer that is not 2xx, and moves the delivery to the dead letters at the 4th. */
  async function failed(
    request: HandlingRequest,
    error: WebhookError,
    duplicate: boolean,
    attempt?: Attempt,
  ): Promise<Verdict> {
    const { delivery, deadline, report } = request;
    const { code } = error; // before a hook can change it
    report(error);
    const token = duplicate ? undefined : attempt?.token;
    const failures = await calls.fail(delivery.id, token, { report, withinMs: deadline.answerMs });
    if (failures === 'done') return recognised;
    const isLast = typeof failures === 'number' && failures >= LAST_SPARE_FAILURE;
    const ledgerFailed = attempt !== undefined && attempt.token === undefined;
    if (!handOver || !isLast || ledgerFailed) return { code, duplicate };
    Object.assign(delivery, { attempt: failures });
    const begun = await running.get(delivery.id);
    const result = await handOver(request, error, () => recordDeadLetter(request, begun));
    return result === 'done' ? recognised : { code, acknowledged: result === 'handed-over', duplicate };
  }

  /** @param running the attempt that ran in this process when the delivery was moved to the dead letters */
  async function recordDeadLetter({ delivery: { id }, report }: HandlingRequest, running?: Begun): Promise<void> {
    const attempt = typeof running === 'object' ? running : undefined;
    attempt?.deadLettered();
    const answer = await calls.deadLetter(id, { report });
    if (answer === 'done' && (!attempt || attempt.hasFailed)) report(new WebhookError('HANDLED_AFTER_DEAD_LETTER'));
  }

  return async (request) => {
    const { delivery, deadline } = request;
    let held = false;
    let pauseMs = FIRST_PAUSE_MS;
    do {
      const present = running.get(delivery.id);
      const begun = await (present
        ? within(deadline.answerMs, present, inProgress).catch(() => 'in-progress' as const)
        : start(request, held));
      if (begun === 'done') return recognised;
      if (begun === 'in-progress') {
        held = true;
        await pause(Math.min(pauseMs, deadline.remainingMs));
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      } else if (begun.isDeadLettered) {
        return recognised;
      } else if (!present || !begun.hasFailed) {
        return answerAfter(begun, request, present !== undefined);
      } else {
        await settled(deadline.remainingMs, begun.closed); // the next attempt begins when the last is answered
      }
    } while (deadline.remainingMs > 0);
    return failed(request, inProgress(), true);
  };
}

const inProgress = () => new WebhookError('IN_PROGRESS');

/** How long `begin` may take: a ledger that is down must leave the handlers some of their time. */
const patienceMs = ({ remainingMs }: Deadline): number => Math.max(200, remainingMs * 0.75);
