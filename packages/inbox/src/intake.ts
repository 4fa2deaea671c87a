import { type Delivery, type DeliveryHandler, type Receiver, toOutcome, WebhookError } from '@blue-webhooks/core';
import { factsOf, type NewEntry } from './entry';
import type { Tell } from './inbox-event';
import { newEntry } from './new-entry';
import { StoreError } from './store-error';
import { captureTrace, type InboxTracing } from './tracing';
import { within } from './within';

/** Where verified deliveries go. */
export interface Intake {
  /** Stores a delivery, durably once this resolves. A delivery that is known already is not stored again. */
  put(entry: NewEntry): Promise<'stored' | 'duplicate'>;
  /** Makes sure that a delivery could be stored now. */
  probe(): Promise<void>;
}

export interface IntakeSettings {
  readonly ordered: boolean;
  readonly tell: Tell;
  readonly tracing?: InboxTracing | undefined;
}

/** Blue hangs up after 7 seconds: until then we can still say that it must send the delivery again. */
const ANSWER_WITHIN_MS = 6_500;
/** What a store gets even after a body that took its time. */
const STORE_PATIENCE_MS = 300;

/** Verifies, stores, and only then acknowledges. */
export function createHandle(
  receiver: Receiver,
  intake: Intake,
  { ordered, tell, tracing }: IntakeSettings,
): DeliveryHandler['handle'] {
  return async (raw) => {
    const startedAt = performance.now();
    const elapsedMs = () => performance.now() - startedAt;
    let delivery: Delivery;
    try {
      delivery = await receiver.verify(raw);
    } catch (error) {
      if (!WebhookError.is(error)) throw error;
      return toOutcome({ delivery: undefined, code: error.code, durationMs: elapsedMs() });
    }
    try {
      const patienceMs = Math.max(STORE_PATIENCE_MS, ANSWER_WITHIN_MS - elapsedMs());
      await within(patienceMs, keep(delivery), () => new StoreError('TIMEOUT', 'The store did not answer in time.'));
      return toOutcome({ delivery, code: undefined, durationMs: elapsedMs() });
    } catch (error) {
      tell({ type: 'store-failed', error });
      return toOutcome({ delivery, code: 'STORE_UNAVAILABLE', durationMs: elapsedMs() });
    }
  };

  async function keep(delivery: Delivery): Promise<void> {
    // No row for a health check, but no 204 from an inbox that cannot write: the webhook would be re-enabled into a hole.
    if (delivery.event.event === 'WEBHOOK_HEALTH_CHECK') {
      await intake.probe();
      receiver.dispatch(delivery).catch(() => {}); // who registered for it may observe it; `onFailure` hears what fails
      return;
    }
    const entry = newEntry(delivery, ordered, captureTrace(tracing));
    if ((await intake.put(entry)) === 'stored') tell({ type: 'stored', entry: factsOf(entry) });
  }
}
