import type { DeliveryState, FullInboxDelivery, InboxDelivery } from '../delivery';
import { waitingFor } from '../limit-state';

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
  /** Absent in a file of an earlier version that is opened to be read. */
  readonly limit_key?: string | null;
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
  /** libsql returns an ArrayBuffer. */
  readonly body: Uint8Array | ArrayBuffer;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

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
    ...waitingFor(state === 'waiting' && due_at === -1 ? row.limit_key : undefined),
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
    handled: handled ? (JSON.parse(handled) as string[]) : [],
  };
}
