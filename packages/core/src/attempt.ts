import type { Deadline } from './deadline';
import { WebhookError } from './errors';
import { afterTheDeadline, type HandlerFailure } from './handler-failure';
import { Lease } from './lease';
import type { FinishAnswer, ReleaseAnswer } from './ledger';
import type { LedgerCalls } from './ledger-calls';

type Report = (error: WebhookError) => void;

/** The lease that an attempt holds. */
export interface HeldLease {
  readonly calls: LedgerCalls;
  readonly id: string;
  readonly token: string;
}

/**
 * One run of a delivery's handlers. Requests wait for it: the one that started it, and every retry that arrives meanwhile. Its
 * lease is held, and renewed, until the handlers have settled and all these requests are answered.
 */
export class Attempt {
  /** Resolves when the ledger has recorded that the handlers succeeded, or failed for good. */
  readonly recorded: Promise<void>;
  /** Resolves when the next attempt may begin. */
  readonly closed: Promise<void>;
  readonly #work: Promise<HandlerFailure | undefined>;
  readonly #lease: Lease | undefined;
  readonly #report: Report;
  /** Requests that are not answered yet; the first is the one that started the attempt. */
  #requests = 1;
  /** Those among them that still wait for the handlers. */
  #waiting = 1;
  #result: 'succeeded' | 'failed' | 'failed-for-good' | undefined;
  #deadLettered = false;
  #leaseLost = false;
  #reported = false;
  #allAnswered: () => void = () => {};

  /** @param held `undefined` when the ledger failed: the delivery is then handled as if there were none */
  constructor(work: Promise<HandlerFailure | undefined>, held: HeldLease | undefined, report: Report) {
    const answered = new Promise<void>((resolve) => {
      this.#allAnswered = resolve;
    });
    this.#work = work;
    this.#report = report;
    this.#lease =
      held &&
      new Lease(held.calls, held.id, held.token, report, {
        onStale: () => this.#loseLease(),
        onDeadLettered: () => this.deadLettered(),
      });
    this.recorded = work.then((failure) => this.#settle(failure));
    this.closed = Promise.all([this.recorded, answered]).then(async () => {
      if (this.#result === 'failed') this.#concluded(await this.#lease?.release());
    });
  }

  /** The lease's token; `undefined` without a lease. */
  get token(): string | undefined {
    return this.#lease?.token;
  }

  /** Whether the handlers have failed, so that they run again once this attempt is closed. */
  get hasFailed(): boolean {
    return this.#result === 'failed';
  }

  get isDeadLettered(): boolean {
    return this.#deadLettered;
  }

  /** Adds a request that waits. */
  join(): void {
    this.#requests += 1;
    this.#waiting += 1;
  }

  /** Resolves to how the handlers failed, if they did; rejects with what `late` makes once the deadline has passed. */
  async result(deadline: Deadline, late: () => WebhookError): Promise<HandlerFailure | undefined> {
    const failure = await deadline.race(this.#work, () => {
      this.#waiting -= 1; // in the same step in which the signal aborts: what handlers throw then has nobody waiting for it
      return late();
    });
    this.#waiting -= 1;
    return failure;
  }

  /** Counts a request as answered. */
  leave(): void {
    this.#requests -= 1;
    if (this.#requests === 0) this.#allAnswered();
  }

  /** Returns `true` once: to the first request that reports how the handlers failed for good. */
  takeReport(): boolean {
    const first = !this.#reported;
    this.#reported = true;
    return first;
  }

  /** Records that the delivery was moved to the dead letters while the handlers ran. */
  deadLettered(): void {
    if (this.#deadLettered) return;
    this.#deadLettered = true;
    if (this.#result === 'succeeded') this.#report(new WebhookError('HANDLED_AFTER_DEAD_LETTER'));
  }

  async #settle(failure: HandlerFailure | undefined): Promise<void> {
    this.#result = failure ? (failure.final ? 'failed-for-good' : 'failed') : 'succeeded';
    if (failure && this.#waiting === 0 && this.takeReport()) this.#report(afterTheDeadline(failure.error));
    if (this.#result === 'failed') return;
    if (this.#deadLettered && !failure) this.#report(new WebhookError('HANDLED_AFTER_DEAD_LETTER'));
    this.#concluded(await this.#lease?.finish());
  }

  #concluded(answer: FinishAnswer | ReleaseAnswer | undefined): void {
    if (answer === 'dead-lettered') this.deadLettered();
    if (answer === 'stale' && !this.#deadLettered) this.#loseLease();
  }

  #loseLease(): void {
    if (!this.#leaseLost) this.#report(new WebhookError('LEASE_LOST'));
    this.#leaseLost = true;
  }
}
