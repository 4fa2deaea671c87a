import { type DeliveryHandler, type Receiver, WebhookError } from '@blue-webhooks/core';
import { toOutcome } from '@blue-webhooks/core/adapter';
import type { Inbox } from '@blue-webhooks/inbox';

/**
 * Stores a delivery in every inbox, and acknowledges it once it is in all of them. If one cannot store it, Blue sends it
 * again, and the others recognise it.
 */
export function fanOut(receiver: Receiver, inboxes: readonly Inbox[]): DeliveryHandler {
  return {
    async handle(raw) {
      const startedAt = performance.now();
      try {
        const delivery = await receiver.verify(raw); // the request's body can be read once
        const body = new TextEncoder().encode(delivery.rawBody);
        const outcomes = await Promise.all(inboxes.map((inbox) => inbox.handle({ ...raw, body })));
        const refused = outcomes.find(({ status }) => status !== 204);
        return refused ?? toOutcome({ delivery, code: undefined, durationMs: performance.now() - startedAt });
      } catch (error) {
        if (!WebhookError.is(error)) throw error;
        return toOutcome({ delivery: undefined, code: error.code, durationMs: performance.now() - startedAt });
      }
    },
  };
}
