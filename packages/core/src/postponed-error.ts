import { branded } from './brand';
import { kindOf } from './bytes';

const postponed = Symbol.for('blue-webhooks.PostponedError');

/** The longest delay, in milliseconds: a day. */
const MAX_POSTPONE_MS = 86_400_000;

/**
 * What a handler throws to be run again later without having failed. `receiver.dispatch` throws it and does not report it to
 * `onFailure`; `RetryLater` of `@blue-webhooks/inbox` is one. Without an inbox it is a failure like any other, since only Blue
 * decides when it sends a delivery again.
 */
export class PostponedError extends Error {
  override readonly name: string = 'PostponedError';
  /** When the handler should run again, in milliseconds from now. */
  readonly afterMs: number;
  declare readonly [postponed]: true;

  /** @throws TypeError unless `afterMs` is a positive integer, at most a day */
  constructor(afterMs: number, message?: string, options?: ErrorOptions) {
    if (!isDelay(afterMs)) {
      const got = typeof afterMs === 'number' ? afterMs : kindOf(afterMs);
      throw new TypeError(`afterMs must be a positive integer, at most ${MAX_POSTPONE_MS} (a day), got ${got}.`);
    }
    super(message, options);
    this[postponed] = true;
    this.afterMs = afterMs;
  }

  /** Recognises it across two copies of this package, where `instanceof` fails. */
  static is(error: unknown): error is PostponedError {
    return branded(error, postponed) && isDelay((error as PostponedError).afterMs);
  }
}

const isDelay = (afterMs: unknown): boolean =>
  Number.isSafeInteger(afterMs) && (afterMs as number) > 0 && (afterMs as number) <= MAX_POSTPONE_MS;
