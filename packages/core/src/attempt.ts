import type { HandlerFailure } from './handler-failure';

/** What an attempt does with its lease; each call settles, whatever the ledger does. */
export interface LeaseUse {
  readonly leaseMs: number;
  /** Extends the lease: `false` once it is lost. */
  renew(): Promise<boolean>;
  /** Called once when the handlers have succeeded, or failed for good. */
  finish(): Promise<void>;
  /** Called once when the handlers have failed and every waiting request is answered. */
  release(): Promise<void>;
}

const RENEWALS_PER_LEASE = 3;

/**
 * One run of a delivery's handlers. Requests wait for it: the one that started it, and every retry that arrives meanwhile. Its lease is held,
 * and renewed, until the handlers have settled and all of them are answered.
 */
export class Attempt {
  /** Resolves when the handlers have settled: to how they failed, if they did. */
  readonly work: Promise<HandlerFailure | undefined>;
  /** Resolves when the ledger knows that they have succeeded, or failed for good. */
  readonly recorded: Promise<void>;
  /** Resolves when the next attempt may begin. */
  readonly closed: Promise<void>;
  /** Whether the delivery was moved to the dead letters while the handlers ran. */
  deadLettered = false;
  settled = false;
  /** Those that wait for the handlers or for what follows; the first is the one that started the attempt. */
  #requests = 1;
  #close: () => void = () => {};

  /**
   * @param lease `undefined` when the ledger did not answer: the delivery is then handled as if there were none
   * @param onLate called with a failure that no request waits for any more
   */
  constructor(
    work: Promise<HandlerFailure | undefined>,
    lease: LeaseUse | undefined,
    onLate: (failure: HandlerFailure) => void,
  ) {
    const answered = new Promise<void>((resolve) => {
      this.#close = resolve;
    });
    const stopRenewing = lease ? renewing(lease) : () => {};
    this.work = work;
    this.recorded = work.then(async (failure) => {
      this.settled = true;
      if (failure && this.#requests === 0) onLate(failure);
      if (!failure || failure.final) await lease?.finish();
      this.#closeIfAnswered();
    });
    this.closed = Promise.all([work, this.recorded, answered]).then(async ([failure]) => {
      stopRenewing();
      if (failure && !failure.final && !this.deadLettered) await lease?.release();
    });
  }

  /** Another request waits. */
  enter(): void {
    this.#requests += 1;
  }

  /** A request is answered. */
  leave(): void {
    this.#requests -= 1;
    this.#closeIfAnswered();
  }

  #closeIfAnswered(): void {
    if (this.settled && this.#requests === 0) this.#close();
  }
}

/** Renews a lease until it is lost or the returned function is called. Keeps no process alive. */
function renewing({ leaseMs, renew }: LeaseUse): () => void {
  const stop = () => clearInterval(timer);
  const timer = setInterval(async () => {
    if (!(await renew())) stop();
  }, leaseMs / RENEWALS_PER_LEASE);
  (timer as { unref?: () => void }).unref?.();
  return stop;
}
