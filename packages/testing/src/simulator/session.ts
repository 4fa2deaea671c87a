import type { Clock } from './clock';

/** The time between enabling and disabling a webhook; its end wakes everything that waits in it. */
export class Session {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #over = false;
  /** The number of unfinished deliveries. */
  pending = 0;
  /** The number of them with a running request. */
  inFlight = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Resolves after this time, or when the session ends. */
  pause(ms: number): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        callOff();
        this.#waiting.delete(wake);
        resolve();
      };
      const callOff = this.#clock.schedule(wake, ms);
      this.#waiting.add(wake);
    });
  }

  end(): void {
    this.#over = true;
    for (const wake of [...this.#waiting]) wake();
  }
}
