import { within } from './deadline';
import { DriverError } from './driver-error';
import { WebhookError } from './errors';
import type {
  DeadLetterAnswer,
  FailAnswer,
  FinishAnswer,
  Ledger,
  LedgerAnswer,
  ReleaseAnswer,
  RenewAnswer,
} from './ledger';

/** For what a call is made. */
export interface CallContext {
  /** Called with each `LEDGER_FAILED`. */
  readonly report: (error: WebhookError) => void;
  /** How long the request may wait for an answer. Defaults to a second, which is also the most. */
  readonly withinMs?: number;
}

/** A ledger that is down must not take the time that handlers need. */
const PATIENCE_MS = 1_000;
const MIN_LEASE_MS = 100;
/** Blue does not publish its pauses; doubling from 30 seconds, its last retry comes 8 minutes after the first attempt. */
const MIN_TTL_MS = 600_000;

/**
 * A ledger whose calls neither reject nor hang: what fails, takes longer than a second or answers outside its contract is reported as
 * `LEDGER_FAILED`, and resolves to `undefined`.
 */
export class LedgerCalls {
  readonly leaseMs: number;
  readonly #ledger: Ledger;

  /** @throws TypeError naming what the ledger lacks, or which of its times is too short */
  constructor(ledger: Ledger) {
    for (const name of ['begin', 'renew', 'finish', 'fail', 'release', 'deadLetter'] as const) {
      if (typeof ledger[name] !== 'function')
        throw new TypeError(`ledger.${name} must be a function: see memoryLedger().`);
    }
    const { leaseMs, ttlMs } = ledger;
    if (!(Number.isSafeInteger(leaseMs) && leaseMs >= MIN_LEASE_MS)) {
      throw new TypeError(
        `ledger.leaseMs must be at least ${MIN_LEASE_MS} milliseconds: a shorter lease lapses before it can be renewed.`,
      );
    }
    if (ttlMs !== undefined && !(ttlMs >= MIN_TTL_MS)) {
      throw new TypeError(
        `ledger.ttlMs must be at least ${MIN_TTL_MS} milliseconds: Blue's last retry must still be recognised.`,
      );
    }
    this.#ledger = ledger;
    this.leaseMs = leaseMs;
  }

  /** Calls `ledger.begin`. */
  begin(id: string, context: CallContext): Promise<LedgerAnswer | undefined> {
    return ask(() => this.#ledger.begin(id), isLedgerAnswer, context);
  }

  /** Calls `ledger.renew`. */
  renew(id: string, token: string, context: CallContext): Promise<RenewAnswer | undefined> {
    return ask(() => this.#ledger.renew(id, token), isOneOf('renewed', 'stale', 'dead-lettered'), context);
  }

  /** Calls `ledger.finish`. */
  finish(id: string, token: string, context: CallContext): Promise<FinishAnswer | undefined> {
    return ask(() => this.#ledger.finish(id, token), isOneOf('finished', 'stale', 'dead-lettered'), context);
  }

  /** Calls `ledger.fail`; without a token for a request that waited for another holder. */
  fail(id: string, token: string | undefined, context: CallContext): Promise<FailAnswer | undefined> {
    return ask(() => this.#ledger.fail(id, token), isFailAnswer, context);
  }

  /** Calls `ledger.release`. */
  release(id: string, token: string, context: CallContext): Promise<ReleaseAnswer | undefined> {
    return ask(() => this.#ledger.release(id, token), isOneOf('released', 'stale', 'dead-lettered'), context);
  }

  /** Calls `ledger.deadLetter`. */
  deadLetter(id: string, context: CallContext): Promise<DeadLetterAnswer | undefined> {
    return ask(() => this.#ledger.deadLetter(id), isOneOf('dead-lettered', 'done'), context);
  }
}

async function ask<T>(
  call: () => T | Promise<T>,
  isValid: (answer: T) => boolean,
  { report, withinMs = PATIENCE_MS }: CallContext,
): Promise<T | undefined> {
  try {
    const late = () => new TypeError('The ledger did not answer in time.');
    const answer = await within(Math.min(PATIENCE_MS, withinMs), (async () => call())(), late);
    if (isValid(answer)) return answer;
    throw new TypeError('The ledger answered outside its contract: see the interface Ledger.');
  } catch (cause) {
    report(new WebhookError('LEDGER_FAILED', { cause: DriverError.from(cause) }));
    return undefined;
  }
}

const isOneOf =
  <T>(...answers: readonly T[]) =>
  (answer: T): boolean =>
    answers.includes(answer);
const isCount = (answer: unknown): boolean => Number.isSafeInteger(answer) && (answer as number) > 0;
const isFailAnswer = (answer: unknown): boolean => answer === 'done' || answer === 'stale' || isCount(answer);

function isLedgerAnswer(answer: LedgerAnswer | undefined): boolean {
  if (answer?.state === 'done' || answer?.state === 'in-progress') return true;
  return answer?.state === 'new' && typeof answer.token === 'string' && isCount(answer.attempt);
}
