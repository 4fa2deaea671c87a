import { checkedStore } from '../checked-store';
import { DEFAULT_LIMIT, type InboxStore, type PruneRequest, type ReplaySelection } from '../store';
import { StoreError } from '../store-error';
import { Leases } from './leases';
import { forgetLimits } from './limits';
import { migrate } from './migrate';
import { pause, readPauses, resume } from './pauses';
import { type PostgresPool, type Query, queryOn } from './pool';
import { Puts, storable } from './puts';
import { columnsOf, type DeliveryRow, type FullRow, toDelivery, toFullDelivery } from './row';
import { type Schema, schemaOf } from './schema';
import { type Position, positionOf, selectionOf } from './selection';
import { readStats } from './stats';
import type { PostgresTransaction } from './transaction';

/** Where in a database the deliveries are kept. */
export interface PostgresOptions {
  /** The name of the schema, which is created. Defaults to `blue_webhooks`. */
  readonly schema?: string | undefined;
}

/** So that no transaction holds its locks for long. */
const CHUNK = 500;
/** A receiver answers 503 before Blue times out after 7 seconds. */
const ANSWER_WITHIN_MS = 6_000;

/**
 * Stores deliveries in PostgreSQL 13 or later, for receivers and workers on any number of machines. Deliveries of one entity
 * never overtake each other. Acknowledged deliveries are committed and flushed. Close the pool yourself.
 *
 * @example
 * const inbox = createInbox({ receiver, store: postgresStore(new pg.Pool({ connectionString: process.env.DATABASE_URL })) });
 * @throws TypeError if `pool` has no method `query`, or for an invalid schema name
 */
export function postgresStore(pool: PostgresPool, options: PostgresOptions = {}): InboxStore<PostgresTransaction> {
  if (typeof (pool as Partial<PostgresPool> | null)?.query !== 'function') {
    throw new TypeError('postgresStore needs a pool: postgresStore(new pg.Pool({ connectionString })).');
  }
  const schema = schemaOf(options.schema === undefined ? 'blue_webhooks' : options.schema);
  const query = queryOn(pool, ANSWER_WITHIN_MS);
  const puts = new Puts(query, schema);
  const leases = new Leases(query, schema);
  let opened: Promise<void> | undefined;

  function open(): Promise<void> {
    opened ??= prepare(queryOn(pool), schema).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function using<T>(work: () => Promise<T>): Promise<T> {
    await open();
    return work();
  }

  // Absent for what only runs statements, such as PGlite.
  const connect = typeof pool.connect === 'function' ? pool.connect.bind(pool) : undefined;

  return checkedStore<PostgresTransaction>({
    open,
    transaction: connect && ((request) => using(() => leases.transaction(connect, request))),
    put: (delivery) => using(() => puts.put(delivery)),
    probe: () => using(() => probe(query, schema)),
    lease: (request) => using(() => leases.lease(request)),
    renew: (held) => using(() => leases.renew(held)),
    recordHandled: (lease, handled) => using(() => leases.recordHandled(lease, handled)),
    settle: (lease, settlement) => using(() => leases.settle(lease, settlement)),
    updateLimits: (update) => using(() => leases.updateLimits(update)),
    stats: () => using(() => readStats(query, schema)),
    list: ({ cursor, limit = DEFAULT_LIMIT, ...filter }) =>
      using(async () => {
        const { where, values } = selectionOf(
          filter,
          cursor === undefined ? undefined : { order: '<', position: positionOf(cursor) },
        );
        const rows = await query<DeliveryRow>(
          `SELECT ${columnsOf('deliveries')} FROM ${schema.deliveries} WHERE ${where}
           ORDER BY deliveries.received_at DESC, deliveries.seq DESC LIMIT ${limit + 1}`,
          ...values,
        );
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        const more = last && rows.length > limit;
        return { deliveries: page.map(toDelivery), cursor: more ? `${last.received_at}-${last.seq}` : undefined };
      }),
    get: (id) =>
      using(async () => {
        const [row] = await query<FullRow>(
          `SELECT ${columnsOf('deliveries')}, signature, secret_id, trace, handled, body FROM ${schema.deliveries} JOIN ${schema.bodies} USING (seq) WHERE id = $1`,
          storable(id),
        );
        return row && toFullDelivery(row);
      }),
    replay: (selection) => using(() => replay(query, schema, selection)),
    markDead: (id) =>
      using(async () => {
        const [row] = await query<{ dead: boolean }>(
          `SELECT ${schema.name}.mark_dead($1, 'Marked as dead by hand.') AS dead`,
          storable(id),
        );
        return row?.dead === true;
      }),
    prune: (request) => using(() => prune(query, schema, request)),
    pause: (pausing) => using(() => pause(query, schema, pausing)),
    resume: (scope) => using(() => resume(query, schema, scope)),
    paused: () => using(() => readPauses(query, schema)),
    async close() {
      opened = undefined;
    },
  });
}

/** @throws StoreError `NOT_DURABLE` if a crash could lose acknowledged deliveries */
async function prepare(query: Query, schema: Schema): Promise<void> {
  const [settings] = await query<{ commit: string; fsync: string; version: number }>(
    `SELECT current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync,
       current_setting('server_version_num')::integer AS version`,
  );
  if (settings?.commit === 'off') {
    throw new StoreError(
      'NOT_DURABLE',
      'PostgreSQL runs with synchronous_commit = off: a crash would lose acknowledged deliveries. Set it to on for the inbox: ALTER ROLE <user> SET synchronous_commit = on, or options=-csynchronous_commit=on in the connection string.',
    );
  }
  if (settings?.fsync === 'off') {
    throw new StoreError(
      'NOT_DURABLE',
      'PostgreSQL runs with fsync = off: a power cut would lose acknowledged deliveries. Set fsync = on.',
    );
  }
  await migrate(query, schema);
}

/** Writes as a delivery is written, and leaves nothing. */
async function probe(query: Query, { digests }: Schema): Promise<void> {
  await query(`INSERT INTO ${digests} VALUES ('probe', 0) ON CONFLICT (id) DO UPDATE SET received_at = 0`);
  await query(`DELETE FROM ${digests} WHERE id = 'probe'`);
}

async function replay(query: Query, schema: Schema, selection: ReplaySelection): Promise<number> {
  const again = async (seqs: readonly number[]) => {
    const [row] = await query<{ replayed: number }>(
      `SELECT ${schema.name}.replay(ARRAY(SELECT value::bigint FROM json_array_elements_text($1::text::json) AS value))::float8 AS replayed`,
      JSON.stringify(seqs),
    );
    return row?.replayed ?? 0;
  };
  let replayed = 0;
  if ('ids' in selection) {
    const ids = [...new Set(selection.ids)];
    for (let from = 0; from < ids.length; from += CHUNK) {
      const rows = await query<{ seq: number }>(
        `SELECT seq::float8 FROM ${schema.deliveries} WHERE id IN (SELECT json_array_elements_text($1::text::json))`,
        JSON.stringify(ids.slice(from, from + CHUNK).map((id) => storable(id))),
      );
      replayed += await again(rows.map(({ seq }) => seq));
    }
    return replayed;
  }
  for (let position: Position | undefined; ; ) {
    const { where, values } = selectionOf(selection.filter, position && { order: '>', position });
    const rows = await query<Pick<DeliveryRow, 'seq' | 'received_at'>>(
      `SELECT seq::float8, received_at::float8 FROM ${schema.deliveries} WHERE ${where} ORDER BY deliveries.received_at, deliveries.seq LIMIT ${CHUNK}`,
      ...values,
    );
    const last = rows.at(-1);
    if (!last) return replayed;
    replayed += await again(rows.map(({ seq }) => seq));
    position = { receivedAt: last.received_at, seq: last.seq };
  }
}

async function prune(query: Query, schema: Schema, { before, states, forgetBefore }: PruneRequest): Promise<number> {
  const { deliveries, bodies, digests, counts } = schema;
  let pruned = 0;
  for (const state of states) {
    for (let chunk = CHUNK; chunk === CHUNK; pruned += chunk) {
      const rows = await query(
        `WITH old AS (
           DELETE FROM ${deliveries} WHERE seq IN (
             SELECT seq FROM ${deliveries} WHERE state = $1 AND received_at < $2::bigint
             ORDER BY received_at LIMIT ${CHUNK} FOR UPDATE SKIP LOCKED
           ) RETURNING seq, id, received_at
         ), gone AS (
           DELETE FROM ${bodies} WHERE seq IN (SELECT seq FROM old)
         ), remembered AS (
           INSERT INTO ${digests} SELECT id, received_at FROM old ON CONFLICT DO NOTHING
         )
         SELECT 1 FROM old`,
        state,
        before.getTime(),
      );
      chunk = rows.length;
    }
  }
  for (let chunk = CHUNK; chunk === CHUNK; ) {
    const rows = await query(
      `DELETE FROM ${digests} WHERE id IN (SELECT id FROM ${digests} WHERE received_at < $1::bigint LIMIT ${CHUNK}) RETURNING 1`,
      forgetBefore.getTime(),
    );
    chunk = rows.length;
  }
  await forgetLimits(query, schema);
  // Connections come and go: what they counted goes into one row.
  await query(
    `WITH counted AS (
       DELETE FROM ${counts} WHERE (state, connection) IN (
         SELECT state, connection FROM ${counts} WHERE connection <> 0 FOR UPDATE SKIP LOCKED
       ) RETURNING state, count
     )
     INSERT INTO ${counts} SELECT state, 0, sum(count) FROM counted GROUP BY state ORDER BY state
     ON CONFLICT (state, connection) DO UPDATE SET count = counts.count + excluded.count`,
  );
  return pruned;
}
