import type { Delivery } from '@blue-webhooks/core';
import { entityIn, isObject, payloadOf } from '@blue-webhooks/core/adapter';
import type { NewDelivery } from './delivery';

/** Ids are indexed. A longer one is not a Blue id, and would only enlarge the index. */
const MAX_TEXT_LENGTH = 200;

/** Returns what is stored of a verified delivery. */
export function newDelivery(delivery: Delivery, ordered: boolean, trace?: string): NewDelivery {
  const { id, event, rawBody, signature, secretId, receivedAt } = delivery;
  const payload = payloadOf(event);
  const name = event.event === 'UNKNOWN' ? event.name : event.event;
  const entity = entityIn(payload);
  const entityId = shortText(entity?.id);
  return {
    id,
    rawBody,
    signature,
    secretId,
    receivedAt,
    entityId,
    trace,
    event: name.slice(0, MAX_TEXT_LENGTH),
    webhookId: isObject(payload.webhook) ? shortText(payload.webhook.id) : undefined,
    lane: ordered ? entityId : undefined,
    entityUpdatedAt: timeOf(entity?.updatedAt),
  };
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH ? value : undefined;
}

function timeOf(value: unknown): Date | undefined {
  const time = typeof value === 'string' ? new Date(value) : undefined;
  return time && Number.isFinite(time.getTime()) ? time : undefined;
}
