import type { StoredDelivery } from '@blue-webhooks/core';
import type { Kind, Row } from './rows';
import type { Step } from './step';

/** Why an event has no name. */
export type UnknownReason =
  /** It has changed, but no earlier row is known to compare with. */
  | 'NO_EARLIER_ROW'
  /** Only columns have changed for which Blue has no event. */
  | 'NO_EVENT_FOR_CHANGE'
  /** It was deleted and restored. */
  | 'RESTORED';

/** An event that was derived from rows. */
export interface BackfillEvent {
  /** The event's name, or `UNKNOWN`. */
  readonly event: string;
  readonly kind: Kind;
  readonly entityId: string;
  readonly projectId: string;
  readonly previousValue: Row | null;
  readonly currentValue: Row | null;
  readonly reason?: UnknownReason;
  /** With a single step of a record's history. */
  readonly step?: Step;
}

/**
 * Converts it to a delivery. Its `id` is a digest of what has changed, so that a second run derives the same one: of a creation
 * and a deletion once for each entity and time, of an update also `updatedAt` and the values, of a single step its `id`.
 */
export async function deliveryOf(event: BackfillEvent, receivedAt: Date, signal: AbortSignal): Promise<StoredDelivery> {
  const { previousValue, currentValue, reason, kind, step } = event;
  const unknown = reason === undefined ? {} : { reason, kind };
  const rawBody = JSON.stringify({ event: event.event, webhook: null, previousValue, currentValue, ...unknown, step });
  return {
    id: await digest(keyOf(event)),
    rawBody,
    signature: 'backfill',
    secretId: undefined,
    receivedAt,
    attempt: undefined,
    signal,
  };
}

function keyOf({ event, entityId, previousValue, currentValue, reason, step }: BackfillEvent): string {
  const subject = [event, entityId, reason ?? null];
  if (step) return JSON.stringify([...subject, 'step', step.id]);
  if (event.endsWith('_CREATED')) return JSON.stringify([...subject, currentValue?.createdAt]);
  if (event.endsWith('_DELETED'))
    return JSON.stringify([...subject, previousValue?.createdAt, previousValue?.updatedAt]);
  if (event === 'UNKNOWN') return JSON.stringify([...subject, currentValue?.updatedAt]);
  return JSON.stringify([
    ...subject,
    currentValue?.updatedAt,
    previousValue && withoutRelations(previousValue),
    withoutRelations(currentValue ?? {}),
  ]);
}

/** Rows above the entity change by themselves. */
function withoutRelations(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { todoList: _, todo: __, checklist: ___, project: ____, updatedAt: _____, ...own } = row;
  return own;
}

/** The first 32 hex characters of a text's SHA-256. */
async function digest(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
