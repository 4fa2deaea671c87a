import { count, kindOf, PostponedError } from '@blue-webhooks/core/adapter';

/** When a delivery runs again. */
export interface RetryLaterOptions extends ErrorOptions {
  /** How long to wait, in milliseconds: at most 86,400,000, a day. */
  readonly afterMs: number;
  /** Why, for `onEvent`. Never stored. Defaults to a sentence with the time. */
  readonly reason?: string | undefined;
}

/** Limits for the header of another system. */
export interface RetryAfterOptions {
  /** The longest wait, in milliseconds, whatever the header says. Defaults to an hour, at most a day. */
  readonly maxMs?: number | undefined;
  /** The wait if the header is missing or invalid, in milliseconds. Defaults to a minute. */
  readonly defaultMs?: number | undefined;
}

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/**
 * Throw it from a handler to run the delivery again later without a failed attempt, such as when another system limits your
 * rate. The delivery waits, the later deliveries of its entity wait behind it, and `onFailure` is not called. If another handler
 * of the event fails in the same attempt, the attempt has failed. Without an inbox it is a failure like any other.
 *
 * @example
 * if (response.status === 429) throw RetryLater.fromHeader(response.headers.get('retry-after'));
 */
export class RetryLater extends PostponedError {
  override readonly name = 'RetryLater';

  /** @throws TypeError unless `afterMs` is a positive integer, at most a day */
  constructor(options: RetryLaterOptions) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`RetryLater needs options: new RetryLater({ afterMs: 60_000 }), got ${kindOf(options)}.`);
    }
    const { afterMs, reason = `The handler asks to run again in ${afterMs} ms.`, ...rest } = options;
    super(afterMs, reason, rest);
  }

  /**
   * Returns a `RetryLater` for the header `Retry-After` of a response: seconds, or an HTTP date (RFC 9110, section 10.2.3). Waits
   * at least a second.
   * @throws TypeError for an invalid option
   */
  static fromHeader(header: string | null | undefined, options: RetryAfterOptions = {}): RetryLater {
    const maxMs = count('maxMs', options.maxMs ?? 3_600_000, DAY_MS);
    const defaultMs = count('defaultMs', options.defaultMs ?? 60_000, DAY_MS);
    const afterMs = delayOf(header) ?? defaultMs;
    return new RetryLater({ afterMs: Math.min(Math.max(afterMs, SECOND_MS), maxMs) });
  }
}

/** IMF-fixdate, and the obsolete formats of RFC 850 and asctime, which must be accepted too (RFC 9110, section 5.6.7). */
const httpDate = /^[A-Z][a-z]{2,8}, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT$/;
const ascTime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** Returns the delay of a header in milliseconds, `undefined` if it has none. 0 for a date in the past. */
function delayOf(header: string | null | undefined): number | undefined {
  const text = typeof header === 'string' ? header.trim() : '';
  if (/^\d{1,15}$/.test(text)) return Number(text) * SECOND_MS;
  const date = httpDate.test(text) ? text : ascTime.test(text) ? `${text} GMT` : '';
  const time = Date.parse(date);
  return Number.isFinite(time) ? Math.max(0, time - Date.now()) : undefined;
}
