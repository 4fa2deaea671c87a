import type { Delivery } from '@blue-webhooks/core';
import { deliveryFacts, entityIn, payloadOf } from '@blue-webhooks/core/adapter';
import type { NewDelivery } from './delivery';

/** Returns what is stored of a verified delivery. */
export function newDelivery(delivery: Delivery, ordered: boolean, trace?: string): NewDelivery {
  const { event, rawBody, signature, secretId } = delivery;
  const facts = deliveryFacts(delivery);
  return {
    ...facts,
    rawBody,
    signature,
    secretId,
    trace,
    lane: ordered ? facts.entityId : undefined,
    entityUpdatedAt: timeOf(entityIn(payloadOf(event))?.updatedAt),
  };
}

function timeOf(value: unknown): Date | undefined {
  const time = typeof value === 'string' ? new Date(value) : undefined;
  return time && Number.isFinite(time.getTime()) ? time : undefined;
}
