import type { NewDelivery } from '../delivery';
import { probeDelivery } from '../probe-delivery';
import type { Query } from './pool';
import type { Schema } from './schema';

interface Put {
  readonly delivery: NewDelivery;
  readonly resolve: (result: 'stored' | 'duplicate') => void;
  readonly reject: (error: unknown) => void;
}

const MAX_ROWS = 128;
/** So that one statement's wait for the disk does not hold up the next, and a pool keeps connections for the workers. */
const MAX_STATEMENTS = 4;

/** Stores deliveries that arrive together in one statement, and so with one flush to the disk. */
export class Puts {
  readonly #query: Query;
  readonly #schema: Schema;
  #asked: Put[] = [];
  #statements = 0;

  constructor(query: Query, schema: Schema) {
    this.#query = query;
    this.#schema = schema;
  }

  /** Stores a delivery; resolves once it is committed. */
  put(delivery: NewDelivery): Promise<'stored' | 'duplicate'> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ delivery, resolve, reject });
      // All that arrive in one turn of the event loop go together.
      setImmediate(() => this.#next());
    });
  }

  #next(): void {
    if (this.#statements === MAX_STATEMENTS || this.#asked.length === 0) return;
    const puts = this.#asked.splice(0, MAX_ROWS);
    this.#statements += 1;
    void this.#store(puts).finally(() => {
      this.#statements -= 1;
      this.#next();
    });
  }

  async #store(puts: readonly Put[]): Promise<void> {
    try {
      const batch = JSON.stringify(puts.map(({ delivery }) => itemOf(delivery)));
      const rows = await this.#query<{ id: string }>(`SELECT ${this.#schema.name}.put($1::text::json) AS id`, batch);
      const stored = new Set(rows.map(({ id }) => id));
      for (const { delivery, resolve } of puts) resolve(stored.delete(delivery.id) ? 'stored' : 'duplicate');
    } catch (error) {
      for (const { reject } of puts) reject(error);
    }
  }
}

/** Stores a delivery as any other, and deletes it in the same transaction, so that nobody sees it. */
export async function probe(query: Query, { name, deliveries, bodies }: Schema): Promise<void> {
  const delivery = probeDelivery();
  // One statement without parameters, which DO does not take; the values are ours.
  await query(`DO $probe$ BEGIN
    PERFORM ${name}.put('${JSON.stringify([itemOf(delivery)])}'::json);
    WITH gone AS (DELETE FROM ${deliveries} WHERE id = '${delivery.id}' RETURNING seq)
    DELETE FROM ${bodies} WHERE seq IN (SELECT seq FROM gone);
  END $probe$`);
}

/** As `put` of the schema takes it. */
function itemOf(delivery: NewDelivery): Record<string, string | number | null> {
  return {
    id: delivery.id,
    event: storable(delivery.event),
    entity_id: storable(delivery.entityId),
    entity_updated_at: delivery.entityUpdatedAt?.getTime() ?? null,
    webhook_id: storable(delivery.webhookId),
    lane: storable(delivery.lane),
    received_at: delivery.receivedAt.getTime(),
    signature: delivery.signature,
    secret_id: storable(delivery.secretId),
    trace: storable(delivery.trace),
    body: Buffer.from(delivery.rawBody).toString('base64'),
  };
}

/** Without what a `text` of PostgreSQL cannot hold; the body keeps it. */
export function storable(text: string): string;
export function storable(text: string | undefined): string | null;
export function storable(text: string | undefined): string | null {
  return text === undefined ? null : Buffer.from(text).toString().replaceAll('\0', '\ufffd');
}
