import type { Delivery } from './delivery';
import { entityIn, payloadOf } from './events/entity';
import { isRow } from './events/row';

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

/** A longer text is not an id or a name of Blue, and would only enlarge what is stored. */
export const MAX_FACT_LENGTH = 200;

/** Returns what identifies a verified delivery, for what stores it or sends it on. */
export function deliveryFacts({ id, event, receivedAt }: Delivery): DeliveryFacts {
  const { webhook } = payloadOf(event);
  const name = event.event === 'UNKNOWN' ? event.name : event.event;
  return {
    id,
    event: name.slice(0, MAX_FACT_LENGTH),
    entityId: shortText(entityIn(payloadOf(event))?.id),
    webhookId: isRow(webhook) ? shortText(webhook.id) : undefined,
    receivedAt,
  };
}

const shortText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= MAX_FACT_LENGTH ? value : undefined;
