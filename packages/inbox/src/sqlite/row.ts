import type { DeliveryState, FullInboxDelivery, InboxDelivery } from '../delivery';
import { readRow } from '../stored-row';

/** The columns of `blue_deliveries` that lists show. */
export interface DeliveryRow {
  readonly seq: number;
  readonly id: string;
  readonly event: string;
  readonly entity_id: string | null;
  readonly webhook_id: string | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly received_at: number;
  readonly due_at: number;
  readonly finished_at: number | null;
  readonly last_error: string | null;
}

export interface FullRow extends DeliveryRow {
  readonly signature: FullInboxDelivery['signature'];
  readonly secret_id: string | null;
  /** Absent in a file of the first version that is opened to be read, as is `handled`. */
  readonly trace?: string | null;
  /** A JSON array. */
  readonly handled?: string | null;
  /** libsql returns an ArrayBuffer. `null` if the row of the body was deleted by hand. */
  readonly body: Uint8Array | ArrayBuffer | null;
}

export const deliveryColumns =
  'seq, id, event, entity_id, webhook_id, state, attempts, received_at, due_at, finished_at, last_error';

export function toDelivery(row: DeliveryRow): InboxDelivery {
  const { id, event, state, attempts, due_at, finished_at } = row;
  return {
    id,
    event,
    state,
    attempts,
    entityId: row.entity_id ?? undefined,
    webhookId: row.webhook_id ?? undefined,
    receivedAt: new Date(row.received_at),
    retryAt: state === 'waiting' && due_at > 0 ? new Date(due_at) : undefined,
    finishedAt: finished_at === null ? undefined : new Date(finished_at),
    lastError: row.last_error ?? undefined,
  };
}

export function toFullDelivery(row: FullRow): FullInboxDelivery {
  const { body, signature, secret_id, trace, handled } = row;
  return {
    ...toDelivery(row),
    ...readRow(body, handled),
    signature,
    secretId: secret_id ?? undefined,
    trace: trace ?? undefined,
  };
}
