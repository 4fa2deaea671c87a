import type { Delivery } from '@blue-webhooks/core';
import type { NewEntry } from './entry';

type Row = Readonly<Record<string, unknown>>;

/** Ids are indexed: one of this length is none of Blue's, and would only swell the index. */
const MAX_TEXT_LENGTH = 200;

/** What is to be stored of a verified delivery. */
export function newEntry(delivery: Delivery, ordered: boolean, trace?: string): NewEntry {
  const { id, event, rawBody, signature, secretId, receivedAt } = delivery;
  const payload = (event.event === 'UNKNOWN' ? event.payload : event) as Row;
  const name = event.event === 'UNKNOWN' ? event.name : event.event;
  // A record's creation in its other documented form carries the record beside the values.
  const entity = [payload.currentValue, payload.record, payload.previousValue].find(isRow);
  const entityId = shortText(entity?.id);
  return {
    ...{ id, rawBody, signature, secretId, receivedAt, entityId, trace },
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
