import type { Clock } from './clock';

/** The time from a webhook's being enabled to its being disabled, which whoever waits in it is told of. */
export class Session {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #over = false;
  /** How many deliveries are on their way. */
  pending = 0;
  /** How many of them have a request under way. */
  inFlight = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Resolves after so long, or when the session ends. */
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
