import type { FailureCode, Host } from './errors';
import type { BlueEvent } from './events';
import type { Drift } from './shape';
import type { WaitUntil } from './wait-until';

/** A request as an adapter reports it: facts only, core decides what they mean. */
export interface RawDelivery {
  readonly method: string;
  /** Looks a header up by its lowercase name; an array when the platform keeps repeated headers apart. */
  header(name: string): string | readonly string[] | null | undefined;
  readonly body: RawBody;
  /** The platform's own request, handed to the secret lookup as it is. */
  readonly request?: unknown;
  /** Chooses the hint of `BODY_ALREADY_READ`. Defaults to one that fits every host. */
  readonly host?: Host | undefined;
  /** Keeps the process alive for promises that hooks return. Defaults to the receiver's `waitUntil`. */
  readonly waitUntil?: WaitUntil | undefined;
}

/** The body's bytes, a source that has still to be read, or `undefined` when someone else has consumed it. */
export type RawBody = Uint8Array | BodySource | undefined;

/**
 * Starts reading a body, reports into the sink, and returns what stops it. Core does the counting and the timing; what a
 * source reports after it was stopped is ignored.
 */
export type BodySource = (sink: BodySink) => () => void;

/** Where a body's bytes go. */
export interface BodySink {
  /**
   * The next bytes, whose memory the source must not use again before the body has ended; text, from a stream that someone switched
   * to strings, is encoded as UTF-8.
   */
  chunk(bytes: Uint8Array | string): void;
  /** All bytes have come. */
  end(): void;
  /** The body will not be completed: the connection was cut. Without effect after `end`. */
  fail(cause?: unknown): void;
  /** Reports that someone else consumed the body: `BODY_ALREADY_READ`. Without effect after `end`. */
  consumed(cause?: unknown): void;
}

/** A verified delivery and its typed event. */
export interface Delivery<E extends BlueEvent = BlueEvent> {
  /**
   * The first 32 hex characters of the MAC (of the body's SHA-256 when unsigned): equal on every retry, as long as nobody edits
   * the webhook in between, and of no use for forging. Blue itself gives a delivery no id. With `dedupe: 'change'`, it is that
   * of `changeId`.
   */
  readonly id: string;
  readonly event: E;
  /**
   * `'unsigned'` only with `allowUnsigned`. `'backfill'`: not a Blue delivery, but read from its API by `catchUp` of
   * `@blue-webhooks/api`; the row is partial, and only its `id` can be relied on.
   */
  readonly signature: 'verified' | 'unsigned' | 'backfill';
  /** Which secret matched: its `id`, or its index in the list, from `'0'`. Shows when an old secret is no longer in use. */
  readonly secretId: string | undefined;
  readonly receivedAt: Date;
  /** Which attempt this is, from 1, as far as the ledger or the inbox has counted; `undefined` without one. */
  readonly attempt: number | undefined;
  /** Names this attempt's lease in a ledger, for `finish` of a SQL ledger in a transaction; absent without a ledger. */
  readonly leaseToken?: string | undefined;
  /** The body's text, exactly as signed: the untouched JSON is one `JSON.parse(delivery.rawBody)` away. */
  readonly rawBody: string;
  /** Documented fields that came with another type, and are `undefined` on the event. */
  readonly drift: readonly Drift[];
  /** Aborts at the deadline, when Blue has been answered that it must send the delivery again; in an inbox, when the attempt is over. */
  readonly signal: AbortSignal;
}

/** A delivery that was verified earlier, as it was stored: its event is read from `rawBody` again. */
export type StoredDelivery = Omit<Delivery, 'event' | 'drift'>;

/** What the sender is to be answered, and what may be logged about it: no secret, signature or body text. */
export interface Outcome {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Why it failed; also set, with status 204, when a handler gave a delivery up with `UnrecoverableError`. */
  readonly code: FailureCode | undefined;
  /** Whether a ledger or an inbox recognised the delivery, so that no handler ran for this request. */
  readonly duplicate: boolean;
  /** The first 32 hex characters of the delivery's MAC; known once it is verified. */
  readonly deliveryId: string | undefined;
  /** The event's name, `'UNKNOWN'` for one outside the catalogue; known once it is verified. */
  readonly event: string | undefined;
  /** The webhook's id, where the delivery says it; known once it is verified. */
  readonly webhookId: string | undefined;
  readonly durationMs: number;
}

/** Takes deliveries in: a receiver, or anything that stands before one. Adapters accept nothing else. */
export interface DeliveryHandler {
  /** What the request is answered. Never rejects for anything that arrives. */
  handle(raw: RawDelivery): Promise<Outcome>;
}
