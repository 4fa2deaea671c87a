import { keepAlive } from './wait-until';

/** When the answer must leave: Blue times out 7 seconds after it has sent the delivery, and both ways take their time. */
const ANSWER_WITHIN_MS = 6_800;
/** How long after the deadline the answer leaves at the latest. */
const GRACE_MS = 800;

/** The time within which the handlers of one delivery must end, the signal that aborts then, and the time within which Blue must be answered. */
export class Deadline {
  readonly #startedAt = performance.now();
  readonly #endsAt: number;
  readonly #answerBy: number;
  #controller: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #passed = false;
  /** Ends each race that still waits. */
  #expiries: Set<() => void> | undefined;

  constructor(ms: number) {
    this.#endsAt = this.#startedAt + ms;
    this.#answerBy = this.#startedAt + Math.min(ms + GRACE_MS, ANSWER_WITHIN_MS);
  }

  /** Whether the time was up before the work was done. */
  get passed(): boolean {
    return this.#passed;
  }

  /** Aborts when the deadline passes, whether or not anything waits for it. Made when first read, since most handlers do not read it. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      this.#start();
    }
    if (this.#passed) this.#pass();
    return this.#controller.signal;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  get remainingMs(): number {
    return this.#endsAt - performance.now();
  }

  /** How long whatever follows the handlers may take: recording their result, moving the delivery to the dead letters. */
  get answerMs(): number {
    return this.#answerBy - performance.now();
  }

  /**
   * Settles as the work does or, once the time is up, rejects with what `late` makes; the work goes on. Decided before the signal
   * aborts, so that work which the abort ends is late too.
   */
  race<T>(work: Promise<T>, late: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const expire = () => reject(late());
      const ended = () => {
        expiries.delete(expire);
        if (expiries.size > 0) return;
        clearTimeout(this.#timer); // the work has ended in time: nothing is left to abort
        this.#timer = undefined;
      };
      this.#expiries ??= new Set();
      const expiries = this.#expiries;
      expiries.add(expire);
      (this.#start() as { ref?: () => void }).ref?.();
      work.then(
        (value) => {
          ended();
          resolve(value);
        },
        (error: unknown) => {
          ended();
          keepAlive(undefined, error); // a rejected promise as the reason would count as unhandled
          reject(error);
        },
      );
    });
  }

  /** Starts the one timer, which keeps no process alive. */
  #start(): ReturnType<typeof setTimeout> {
    if (this.#timer !== undefined) return this.#timer;
    const timer = setTimeout(() => this.#pass(), delayOf(this.remainingMs));
    (timer as { unref?: () => void }).unref?.();
    this.#timer = timer;
    return timer;
  }

  #pass(): void {
    this.#passed = true;
    this.#timer = undefined;
    for (const expire of this.#expiries ?? []) expire();
    this.#expiries = undefined;
    this.#controller?.abort(new DOMException('The deadline has passed.', 'TimeoutError'));
  }
}

/** Settles like `work` or, after `ms` milliseconds, rejects with the error that `late` returns. */
export function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), delayOf(ms));
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        keepAlive(undefined, error); // a rejected promise as the reason would count as unhandled
        reject(error);
      },
    );
  });
}

/** Resolves after `ms` milliseconds. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayOf(ms)));

/** A timer's delay, rounded up: one that fires a fraction too early finds that time is left, and is set again and again. */
const delayOf = (ms: number): number => Math.max(0, Math.ceil(ms));

/** Resolves when `work` has resolved or rejected, or after `ms` milliseconds. */
export async function settled(ms: number, work: Promise<unknown>): Promise<void> {
  await within(ms, work, () => new Error()).catch(() => {});
}
