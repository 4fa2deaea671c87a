import type { Delivery, Outcome } from './delivery';
import { type FailureCode, failureOf } from './errors';
import { subscription } from './events/subscription';

/** The part of an outcome that travels back to the sender. */
export type Answer = Pick<Outcome, 'status' | 'headers' | 'body'>;

/** What became of a delivery, before it is put into an answer. */
export interface Result {
  readonly delivery: Delivery | undefined;
  readonly code: FailureCode | undefined;
  /** Whether the delivery is acknowledged in spite of the failure. */
  readonly acknowledged?: boolean | undefined;
  /** Whether no handler ran for this request, since the delivery was handled before or another request was running it. */
  readonly duplicate?: boolean | undefined;
  readonly durationMs: number;
}

/** The outcome: 204, or what the failure table says. */
export function toOutcome({ delivery, code, acknowledged = false, duplicate = false, durationMs }: Result): Outcome {
  const { status, headers, body } = code === undefined || acknowledged ? noContent : answerTo(code);
  const event = delivery?.event;
  return {
    status,
    headers,
    body,
    code,
    duplicate,
    deliveryId: delivery?.id,
    event: event?.event,
    webhookId: event && subscription(event)?.webhookId,
    durationMs,
  };
}

const noContent: Answer = { status: 204, headers: Object.freeze({}), body: null };

const answers = new Map<FailureCode, Answer>();

/** The table's answer to a failure: one and the same for every forgery. */
export function answerTo(code: FailureCode): Answer {
  const known = answers.get(code);
  if (known) return known;
  const { status, answer = code, headers } = failureOf(code);
  const made: Answer = {
    status,
    headers: Object.freeze({ 'content-type': 'application/json', ...headers }),
    body: JSON.stringify({ error: answer }),
  };
  answers.set(code, made);
  return made;
}
