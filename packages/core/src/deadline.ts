/** The time within which one delivery must be answered, and the signal that tells handlers when it is over. */
export class Deadline {
  readonly #endsAt: number;
  #controller: AbortController | undefined;
  #passed = false;

  constructor(ms: number) {
    this.#endsAt = performance.now() + ms;
  }

  /** Whether the time was up before the work was done. */
  get passed(): boolean {
    return this.#passed;
  }

  /** Aborts when the deadline passes. Made when first asked for, since most handlers do not ask. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#passed) this.#controller.abort(new DOMException('The deadline has passed.', 'TimeoutError'));
    return this.#controller.signal;
  }

  get remainingMs(): number {
    return this.#endsAt - performance.now();
  }

  /** Settles as the work does or, once the time is up, rejects with what `late` makes; the work goes on unheard. */
  race<T>(work: Promise<T>, late: () => Error): Promise<T> {
    return within(this.remainingMs, work, () => {
      this.#passed = true;
      this.#controller?.abort(new DOMException('The deadline has passed.', 'TimeoutError'));
      return late();
    });
  }
}

/** Settles as the work does or, after so many milliseconds, rejects with what `late` makes. */
export function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), Math.max(0, ms));
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
