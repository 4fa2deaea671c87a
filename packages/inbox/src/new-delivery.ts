import type { Delivery } from '@blue-webhooks/core';
import type { NewDelivery } from './delivery';

type Row = Readonly<Record<string, unknown>>;

/** Ids are indexed. A longer one is not a Blue id, and would only enlarge the index. */
const MAX_TEXT_LENGTH = 200;

/** Returns what is stored of a verified delivery. */
export function newDelivery(delivery: Delivery, ordered: boolean, trace?: string): NewDelivery {
  const { id, event, rawBody, signature, secretId, receivedAt } = delivery;
  const payload = (event.event === 'UNKNOWN' ? event.payload : event) as Row;
  const name = event.event === 'UNKNOWN' ? event.name : event.event;
  // RECORD_CREATED has the record in a separate property.
  const entity = [payload.currentValue, payload.record, payload.previousValue].find(isRow);
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
    webhookId: isRow(payload.webhook) ? shortText(payload.webhook.id) : undefined,
    lane: ordered ? entityId : undefined,
    entityUpdatedAt: timeOf(entity?.updatedAt),
  };
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH ? value : undefined;
}

function timeOf(value: unknown): Date | undefined {
  const time = typeof value === 'string' ? new Date(value) : undefined;
  return time && Number.isFinite(time.getTime()) ? time : undefined;
}
