import type { Delivery } from '@blue-webhooks/core';
import { isObject } from '@blue-webhooks/core/adapter';

/** What identifies a delivery, without anything of its body. */
export interface DeliveryFacts {
  /** `delivery.id`. */
  readonly id: string;
  /** The event's name as it was sent. */
  readonly event: string;
  /** The `id` of the record, list, comment …; `undefined` if the event has none. */
  readonly entityId: string | undefined;
  readonly webhookId: string | undefined;
  readonly receivedAt: Date;
}

/** A longer text is not a Blue id or event, and would only enlarge each message. */
export const MAX_TEXT_LENGTH = 200;

/** Returns what identifies a verified delivery. */
export function factsOf({ id, event, receivedAt }: Delivery): DeliveryFacts {
  const payload = (event.event === 'UNKNOWN' ? event.payload : event) as Readonly<Record<string, unknown>>;
  const name = event.event === 'UNKNOWN' ? event.name : event.event;
  // RECORD_CREATED has the record in a separate property.
  const entity = [payload.currentValue, payload.record, payload.previousValue].find(isObject);
  return {
    id,
    event: name.slice(0, MAX_TEXT_LENGTH),
    entityId: shortText(entity?.id),
    webhookId: isObject(payload.webhook) ? shortText(payload.webhook.id) : undefined,
    receivedAt,
  };
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH ? value : undefined;
}
