import type { DeliveryState, FullInboxDelivery, InboxDelivery } from '../delivery';
import { waitingFor } from '../limit-state';

/** A row of `deliveries`, as far as lists show it. Numbers come as doubles, which every client reads as numbers. */
export interface DeliveryRow {
  readonly seq: number;
  readonly id: string;
  readonly event: string;
  readonly entity_id: string | null;
  readonly webhook_id: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly received_at: number;
  readonly retry_at: number | null;
  readonly finished_at: number | null;
  readonly last_error: string | null;
  /** Of a delivery that waits for a limit. */
  readonly limit_key: string | null;
}

export interface FullRow extends DeliveryRow {
  readonly signature: FullInboxDelivery['signature'];
  readonly secret_id: string | null;
  readonly trace: string | null;
  /** A JSON array. */
  readonly handled: string | null;
  readonly body: Uint8Array;
}

/** The columns of a list, of a table or an alias. */
export const columnsOf = (table: string): string =>
  `${table}.seq::float8, ${table}.id, ${table}.event, ${table}.entity_id, ${table}.webhook_id, ${table}.state, ${table}.attempts,
   ${table}.received_at::float8, ${table}.retry_at::float8, ${table}.finished_at::float8, ${table}.last_error,
   CASE WHEN ${table}.state = 'waiting' AND ${table}.due_at = -1 THEN ${table}.limit_key END AS limit_key`;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function toDelivery(row: DeliveryRow): InboxDelivery {
  return {
    id: row.id,
    event: row.event,
    entityId: row.entity_id ?? undefined,
    webhookId: row.webhook_id ?? undefined,
    receivedAt: new Date(row.received_at),
    state: row.state,
    attempts: row.attempts,
    retryAt: row.state === 'waiting' && row.retry_at !== null ? new Date(row.retry_at) : undefined,
    finishedAt: row.finished_at === null ? undefined : new Date(row.finished_at),
    lastError: row.last_error ?? undefined,
    ...waitingFor(row.limit_key),
  };
}

export function toFullDelivery(row: FullRow): FullInboxDelivery {
  const { body, signature, secret_id, trace, handled } = row;
  return {
    ...toDelivery(row),
    rawBody: decoder.decode(body),
    signature,
    secretId: secret_id ?? undefined,
    trace: trace ?? undefined,
    handled: handled === null ? [] : JSON.parse(handled),
  };
}
