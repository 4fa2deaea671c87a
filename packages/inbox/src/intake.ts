import { type Delivery, type DeliveryHandler, type Receiver, WebhookError } from '@blue-webhooks/core';
import { changeId, toOutcome } from '@blue-webhooks/core/adapter';
import { factsOf, type NewDelivery } from './delivery';
import type { Cipher } from './encryption/cipher';
import type { Report } from './inbox-event';
import { newDelivery } from './new-delivery';
import { StoreError } from './store-error';
import { captureTrace, type InboxTracing } from './tracing';
import { within } from './within';

/** Where verified deliveries are stored. */
export interface Intake {
  /** Stores a delivery, durably once this resolves. A delivery with a known id is not stored again. */
  put(delivery: NewDelivery): Promise<'stored' | 'duplicate'>;
  /** Checks that a delivery could be stored now, by writing. */
  probe(): Promise<void>;
}

export interface IntakeSettings {
  readonly ordered: boolean;
  readonly report: Report;
  readonly tracing?: InboxTracing | undefined;
  /** Whether a delivery is identified by the change that it reports. Defaults to `false`. */
  readonly byChange?: boolean | undefined;
  readonly cipher: Pick<Cipher, 'digest'>;
}

/** Blue times out after 7 seconds; a 503 before that makes it retry. */
const ANSWER_WITHIN_MS = 6_500;
/** How long the store may take at least, also after a slow body. */
const MIN_STORE_MS = 300;

/** Creates the function that verifies a delivery, stores it, and only then acknowledges it. */
export function createHandle(
  receiver: Receiver,
  intake: Intake,
  { ordered, report, tracing, byChange = false, cipher }: IntakeSettings,
): DeliveryHandler['handle'] {
  return async (raw) => {
    const startedAt = performance.now();
    const elapsedMs = () => performance.now() - startedAt;
    let delivery: Delivery;
    try {
      delivery = await receiver.verify(raw);
      if (byChange) Object.assign(delivery, { id: await changeId(delivery) });
      // The other ids are keyed with the webhook's secret; a digest without a key would confirm a guess of the body.
      if (byChange || delivery.signature !== 'verified')
        Object.assign(delivery, { id: await cipher.digest(delivery.id) });
    } catch (error) {
      if (!WebhookError.is(error)) throw error;
      return toOutcome({ delivery: undefined, code: error.code, durationMs: elapsedMs() });
    }
    try {
      const storeMs = Math.max(MIN_STORE_MS, ANSWER_WITHIN_MS - elapsedMs());
      const late = () => new StoreError('TIMEOUT', 'The store did not respond in time.');
      const duplicate = await within(storeMs, keep(delivery), late);
      return toOutcome({ delivery, code: undefined, duplicate, durationMs: elapsedMs() });
    } catch (error) {
      report({ type: 'store-failed', error });
      return toOutcome({ delivery, code: 'STORE_UNAVAILABLE', durationMs: elapsedMs() });
    }
  };

  /** Stores a delivery. Returns whether it was stored before. */
  async function keep(delivery: Delivery): Promise<boolean> {
    // A health check is not stored, and not answered 204 while nothing can be stored: Blue would enable the webhook too early.
    if (delivery.event.event === 'WEBHOOK_HEALTH_CHECK') {
      await intake.probe();
      receiver.dispatch(delivery).catch(() => {}); // its handlers observe it; the receiver's onFailure reports what they throw
      return false;
    }
    const stored = newDelivery(delivery, ordered, captureTrace(tracing));
    const isDuplicate = (await intake.put(stored)) === 'duplicate';
    if (!isDuplicate) report({ type: 'stored', delivery: factsOf(stored) });
    else if (byChange) report({ type: 'duplicate', delivery: factsOf(stored) });
    return isDuplicate;
  }
}
