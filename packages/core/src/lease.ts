import type { WebhookError } from './errors';
import type { FinishAnswer, ReleaseAnswer } from './ledger';
import type { LedgerCalls } from './ledger-calls';
import { MAX_TIMER_MS } from './limits';

/** Called, at most once, when a renewal reports that the lease is gone. */
export interface LeaseEvents {
  /** The lease lapsed, and another holder has the delivery. */
  readonly onStale: () => void;
  /** The delivery was moved to the dead letters. */
  readonly onDeadLettered: () => void;
}

const RENEWALS_PER_LEASE = 3;

/** A lease that is renewed until it is stopped, finished or lost. Keeps no process alive. */
export class Lease {
  readonly token: string;
  readonly #calls: LedgerCalls;
  readonly #id: string;
  readonly #report: (error: WebhookError) => void;
  readonly #events: LeaseEvents | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(
    calls: LedgerCalls,
    id: string,
    token: string,
    report: (error: WebhookError) => void,
    events?: LeaseEvents,
  ) {
    this.token = token;
    this.#calls = calls;
    this.#id = id;
    this.#report = report;
    this.#events = events;
    this.#schedule();
  }

  /** Stops renewing: the lease lapses by itself. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Renews for the last time, unless stopped: the lease lapses `leaseMs` from now, if the work has not ended before. */
  letLapse(): void {
    if (this.#stopped) return;
    this.stop();
    void this.#calls.renew(this.#id, this.token, { report: this.#report });
  }

  /** Records that the work is done; `undefined` if the ledger failed. */
  finish(): Promise<FinishAnswer | undefined> {
    this.stop();
    return this.#calls.finish(this.#id, this.token, { report: this.#report });
  }

  /** Gives the lease back, so that the next attempt can begin; `undefined` if the ledger failed. */
  release(): Promise<ReleaseAnswer | undefined> {
    this.stop();
    return this.#calls.release(this.#id, this.token, { report: this.#report });
  }

  #schedule(): void {
    const ms = Math.min(this.#calls.leaseMs / RENEWALS_PER_LEASE, MAX_TIMER_MS);
    this.#timer = setTimeout(() => void this.#renew(), ms);
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async #renew(): Promise<void> {
    const answer = await this.#calls.renew(this.#id, this.token, { report: this.#report });
    if (this.#stopped) return;
    if (answer === 'stale') this.#events?.onStale();
    else if (answer === 'dead-lettered') this.#events?.onDeadLettered();
    else this.#schedule(); // also when the ledger failed: it may be back before the lease lapses
  }
}
