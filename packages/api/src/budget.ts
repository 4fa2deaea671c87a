import { type Clock, elapsedMs, sleep } from './clock';

const WINDOW_MS = 60_000;

/**
 * A sliding window over the requests of one token. A request counts from when it is sent until 60 seconds after its end, so
 * that no 60 seconds on the clock of Blue contain more than allowed, however long requests take to arrive.
 */
export class Budget {
  readonly #clock: Clock;
  /** When each request of the window ended; `undefined` while it is in flight. */
  #requests: { endedAtMs: number | undefined }[] = [];
  #pausedUntilMs = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for a place, in order of arrival. Returns a function to be called when the request has ended. */
  take(limit: number, signal?: AbortSignal): Promise<() => void> {
    const turn = this.#tail.then(() => this.#admit(limit, signal));
    this.#tail = turn.catch(() => {});
    return turn;
  }

  /** Sends nothing for this number of milliseconds. */
  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, elapsedMs(this.#clock) + ms);
  }

  async #admit(limit: number, signal?: AbortSignal): Promise<() => void> {
    for (;;) {
      signal?.throwIfAborted();
      const now = elapsedMs(this.#clock);
      this.#requests = this.#requests.filter(({ endedAtMs }) => endedAtMs === undefined || endedAtMs > now - WINDOW_MS);
      const waitMs = Math.max(this.#pausedUntilMs - now, this.#untilFree(limit, now));
      if (waitMs <= 0) break;
      await sleep(this.#clock, waitMs, signal);
    }
    const request: { endedAtMs: number | undefined } = { endedAtMs: undefined };
    this.#requests.push(request);
    return () => {
      request.endedAtMs ??= elapsedMs(this.#clock);
    };
  }

  #untilFree(limit: number, now: number): number {
    const excess = this.#requests.length - limit + 1;
    if (excess <= 0) return 0;
    // Those in flight end at the earliest now.
    const ends = this.#requests.map(({ endedAtMs }) => endedAtMs ?? now).sort((one, other) => one - other);
    return Math.max(1, (ends[excess - 1] as number) + WINDOW_MS - now);
  }
}
