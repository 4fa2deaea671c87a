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

  /** Settles as the work does or, once the time is up, rejects with what `late` makes; the work goes on unheard. */
  race<T>(work: Promise<T>, late: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#passed = true;
          this.#controller?.abort(new DOMException('The deadline has passed.', 'TimeoutError'));
          reject(late());
        },
        Math.max(0, this.#endsAt - performance.now()),
      );
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
