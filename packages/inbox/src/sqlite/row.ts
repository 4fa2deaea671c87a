import type { EntryState, FullEntry, InboxEntry } from '../entry';

/** A row of `blue_deliveries`, as far as entries are made of it. */
export interface DeliveryRow {
  readonly seq: number;
  readonly id: string;
  readonly event: string;
  readonly entity_id: string | null;
  readonly webhook_id: string | null;
  readonly state: EntryState;
  readonly attempts: number;
  readonly received_at: number;
  readonly due_at: number;
  readonly finished_at: number | null;
  readonly last_error: string | null;
}

export interface FullRow extends DeliveryRow {
  readonly signature: FullEntry['signature'];
  readonly secret_id: string | null;
  /** Absent in a file of the first version that is opened to be read, as is `handled`. */
  readonly trace?: string | null;
  /** A JSON array. */
  readonly handled?: string | null;
  /** libsql gives the bare buffer. */
  readonly body: Uint8Array | ArrayBuffer;
}

export const entryColumns =
  'seq, id, event, entity_id, webhook_id, state, attempts, received_at, due_at, finished_at, last_error';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function toEntry(row: DeliveryRow): InboxEntry {
  const { id, event, state, attempts, due_at, finished_at } = row;
  return {
    ...{ id, event, state, attempts },
    entityId: row.entity_id ?? undefined,
    webhookId: row.webhook_id ?? undefined,
    receivedAt: new Date(row.received_at),
    retryAt: state === 'waiting' && due_at > 0 ? new Date(due_at) : undefined,
    finishedAt: finished_at === null ? undefined : new Date(finished_at),
    lastError: row.last_error ?? undefined,
  };
}

export function toFullEntry(row: FullRow): FullEntry {
  const { body, signature, secret_id, trace, handled } = row;
  return {
    ...toEntry(row),
    ...{ rawBody: decoder.decode(body), signature, secretId: secret_id ?? undefined },
    ...{ trace: trace ?? undefined, handled: handled ? (JSON.parse(handled) as string[]) : [] },
  };
}
