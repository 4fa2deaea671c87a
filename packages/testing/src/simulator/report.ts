import type { WebhookRow } from '../rows/webhook';

/** The state of a webhook, as Blue shows it. */
export type WebhookState = Pick<WebhookRow, 'status' | 'enabled'>;

/** One request and its result. */
export interface Attempt {
  /** The first 32 characters of the signature: the `id` that a receiver gives the delivery. */
  readonly deliveryId: string;
  readonly event: string;
  /** From 1 to 5. */
  readonly attempt: number;
  /** Whether the delivery had succeeded before, and is a duplicate. */
  readonly duplicate: boolean;
  /** Milliseconds since 1970, by the simulator's clock. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** The response's status; absent if there was none. */
  readonly status: number | undefined;
  /** Why there was no response. */
  readonly error: string | undefined;
  /** The webhook after this attempt. */
  readonly webhook: WebhookState;
}

/**
 * The outcome of an event: `delivered`; `failed` five times, which disabled the webhook; `dropped`, since the webhook was
 * disabled before it was delivered; `missed`, since the webhook was disabled already; or `unsubscribed`, not one of the
 * events and workspaces of the webhook.
 */
export type EventOutcome = 'delivered' | 'failed' | 'dropped' | 'missed' | 'unsubscribed';

/** The result of an emitted event. */
export interface Fate {
  readonly outcome: EventOutcome;
  readonly event: string;
  /** The `id` of the row that it was about. */
  readonly entityId: string | undefined;
  /** The body that was, or would have been, delivered: that of the last attempt, which differs from the first only if the webhook was edited. */
  readonly body: string;
  /** Absent if nothing was sent. */
  readonly signature: string | undefined;
  /** The requests that were made, at most five. */
  readonly attempts: readonly Attempt[];
}

/** An event that the receiver has not accepted. */
export interface MissedEvent {
  readonly event: string;
  /** The `id` of the row that it was about. */
  readonly entityId: string | undefined;
  /** When it was emitted, in milliseconds since 1970, by the simulator's clock. */
  readonly emittedAtMs: number;
  readonly outcome: 'failed' | 'dropped' | 'missed';
}

/** The attempts and outcomes so far. */
export interface Report {
  /** Every request, the health checks among them, in the order in which they ended; the last 10,000. */
  readonly attempts: readonly Attempt[];
  /** The events that the receiver has missed; the last 10,000. */
  readonly missed: readonly MissedEvent[];
  /** The number of events by outcome. */
  readonly counts: Readonly<Record<EventOutcome, number>>;
}

const MAX_ENTRIES = 10_000;

/** Collects the report, within limits. */
export class Reporter {
  readonly #attempts: Attempt[] = [];
  readonly #missed: MissedEvent[] = [];
  readonly #counts = { delivered: 0, failed: 0, dropped: 0, missed: 0, unsubscribed: 0 };

  attempt(attempt: Attempt): void {
    keep(this.#attempts, attempt);
  }

  outcome(outcome: EventOutcome, event: Omit<MissedEvent, 'outcome'>): void {
    this.#counts[outcome] += 1;
    if (outcome !== 'delivered' && outcome !== 'unsubscribed') keep(this.#missed, { ...event, outcome });
  }

  get report(): Report {
    return { attempts: last(this.#attempts), missed: last(this.#missed), counts: { ...this.#counts } };
  }
}

/** Lets a list grow to twice its limit before it is cut, since cutting moves every entry. */
function keep<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length >= 2 * MAX_ENTRIES) list.splice(0, MAX_ENTRIES);
}

const last = <T>(list: readonly T[]) => list.slice(-MAX_ENTRIES);
