import { createHash } from 'node:crypto';
import type { Drift, FailureCode } from '@blue-webhooks/core';
import { DriverError } from '@blue-webhooks/core/adapter';
import { claimsOf } from './claims';
import type { Database, Statement } from './database';

/** A request as it arrived, and its response. */
export interface Arrival {
  readonly receivedAtMs: number;
  readonly path: string;
  /** Alternating names and values, as in Node's `rawHeaders`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  readonly status: number;
  readonly code: FailureCode | undefined;
  readonly durationMs: number;
  /** Set if it is genuine. */
  readonly deliveryId: string | undefined;
  readonly drift: readonly Drift[];
  /** Whether it did not arrive, but was read from Blue's API. Defaults to `false`. */
  readonly backfilled?: boolean;
}

/** A delivery as the list shows it: all requests with the same bytes and the same verdict. */
export interface Delivery {
  readonly seq: number;
  readonly key: string;
  readonly accepted: boolean;
  /** Whether it did not arrive, but was read from Blue's API by `catch-up`. */
  readonly backfilled: boolean;
  readonly status: number;
  readonly code: FailureCode | undefined;
  readonly event: string | undefined;
  readonly entityId: string | undefined;
  readonly title: string | undefined;
  readonly webhookId: string | undefined;
  readonly drifted: number;
  readonly receivedAtMs: number;
  /** How many times it was received. */
  readonly times: number;
  /** How many times it was forwarded to the app, and the result of the last time. */
  readonly forwarded: number;
  readonly appStatus: number | undefined;
  readonly appError: string | undefined;
}

export interface FullDelivery extends Delivery {
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  readonly drift: readonly Drift[];
  readonly arrivals: readonly Pick<Arrival, 'receivedAtMs' | 'status' | 'durationMs'>[];
  readonly forwardings: readonly Forwarding[];
}

/** One attempt to forward a delivery to an app. */
export interface Forwarding {
  readonly atMs: number;
  readonly target: string;
  /** Whether it was requested in the inspector. */
  readonly replay: boolean;
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly durationMs: number;
  /** The beginning of the response's body. */
  readonly answer: string;
}

/** Selects the deliveries that match every given condition. */
export interface Filter {
  readonly show?: Show | undefined;
  readonly event?: string | undefined;
  /** Text to find in the event, the ids, the title or the body. */
  readonly query?: string | undefined;
  /** Only deliveries before this one. */
  readonly before?: number | undefined;
  /** Only these deliveries. */
  readonly among?: readonly number[] | undefined;
}

/** How many deliveries the journal has. */
export interface Counts {
  readonly all: number;
  readonly refused: number;
  readonly backfilled: number;
}

const shows = {
  all: 'TRUE',
  accepted: 'accepted = 1 AND backfilled = 0',
  backfilled: 'backfilled = 1',
  refused: 'accepted = 0',
  repeated: 'times > 1',
  drifted: 'drifted > 0',
  failing: 'passed_on > 0 AND (app_status IS NULL OR app_status NOT BETWEEN 200 AND 299)',
} as const;

export type Show = keyof typeof shows;
export const showNames = Object.keys(shows) as readonly Show[];

/** How much the journal stores. The oldest deliveries are deleted first. */
export interface JournalLimits {
  readonly maxDeliveries: number;
  /** The size of bodies and headers, in bytes. Without a limit, forgeries could fill the disk. */
  readonly maxBytes: number;
}

const defaults: JournalLimits = { maxDeliveries: 20_000, maxBytes: 2 ** 30 };
const COUNT_EVERY = 1_000;
/** How many deliveries are deleted at most when one arrives; the rest follow with the next. */
const MAX_DROPPED = 2_000;
const MAX_ANSWER_LENGTH = 2_000;
const MAX_LISTED = 200;

/** The size of a delivery, including headers, which a forger can fill, too. */
const rowBytes = 'length(body) + length(headers) + length(drift) + length(path)';

const columns = `seq, key, accepted, backfilled, status, code, event, entity_id AS entityId, title, webhook_id AS webhookId,
  drifted, received_at AS receivedAtMs, times, passed_on AS forwarded, app_status AS appStatus,
  app_error AS appError`;

type DeliveryRow = { readonly [Key in keyof Delivery]: Exclude<Delivery[Key], undefined | boolean> | null };
type Value = string | number | null | Uint8Array;

/**
 * Records every request, including refused ones, for the inspector. The inbox stores only genuine deliveries.
 */
export class Journal {
  readonly #database: Database;
  readonly #limits: JournalLimits;
  readonly #statements = new Map<string, Statement>();
  readonly #listeners = new Set<(seq: number) => void>();
  #kept = { rows: 0, bytes: 0 };
  /** How many deliveries arrived since the last count. Another process may write to the file, so the count is repeated. */
  #sinceCount = COUNT_EVERY;

  constructor(database: Database, limits: JournalLimits = defaults) {
    this.#database = database;
    this.#limits = limits;
    database.exec(`
      CREATE TABLE IF NOT EXISTS journal_deliveries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, accepted INTEGER NOT NULL, status INTEGER NOT NULL,
        code TEXT, event TEXT, entity_id TEXT, title TEXT, webhook_id TEXT, drifted INTEGER NOT NULL,
        received_at INTEGER NOT NULL, times INTEGER NOT NULL, passed_on INTEGER NOT NULL DEFAULT 0, app_status INTEGER,
        app_error TEXT, backfilled INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      -- A separate table, so that lists do not read bodies.
      CREATE TABLE IF NOT EXISTS journal_bodies (
        seq INTEGER PRIMARY KEY, path TEXT NOT NULL, headers TEXT NOT NULL, drift TEXT NOT NULL, body BLOB NOT NULL
      ) STRICT;
      CREATE TABLE IF NOT EXISTS journal_arrivals (
        seq INTEGER NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL, duration REAL NOT NULL
      ) STRICT;
      CREATE TABLE IF NOT EXISTS journal_passings (
        seq INTEGER NOT NULL, at INTEGER NOT NULL, target TEXT NOT NULL, replay INTEGER NOT NULL, status INTEGER, error TEXT,
        duration REAL NOT NULL, answer TEXT NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS journal_arrivals_by_seq ON journal_arrivals (seq);
      CREATE INDEX IF NOT EXISTS journal_passings_by_seq ON journal_passings (seq);
    `);
    const present = this.#all<{ name: string }>('PRAGMA table_info(journal_deliveries)');
    if (present.some(({ name }) => name === 'backfilled')) return;
    database.exec('ALTER TABLE journal_deliveries ADD COLUMN backfilled INTEGER NOT NULL DEFAULT 0');
  }

  /** Records a request. Returns its delivery, which counts all requests with the same bytes. */
  arrived(arrival: Arrival): Delivery {
    const {
      receivedAtMs,
      path,
      headers,
      body,
      status,
      code,
      durationMs,
      deliveryId,
      drift,
      backfilled = false,
    } = arrival;
    const { event, entityId, title, webhookId } = claimsOf(body);
    const key = deliveryId ?? refusedKey(arrival);
    const [row] = this.#writing(() => {
      const rows = this.#all<DeliveryRow>(
        `INSERT INTO journal_deliveries
           (key, accepted, status, code, event, entity_id, title, webhook_id, drifted, received_at, backfilled, times)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
         ON CONFLICT (key) DO UPDATE SET times = times + 1, status = excluded.status, code = excluded.code,
           accepted = excluded.accepted
         RETURNING ${columns}`,
        ...[key, Number(status >= 200 && status <= 299), status, code ?? null, event ?? null, entityId ?? null],
        ...[title ?? null, webhookId ?? null, drift.length, receivedAtMs, Number(backfilled)],
      );
      const seq = rows[0]?.seq as number;
      this.#run(
        'INSERT INTO journal_bodies VALUES (?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING',
        ...[seq, path, JSON.stringify(headers), JSON.stringify(drift), body],
      );
      if (Number(rows[0]?.times) <= MAX_LISTED) {
        this.#run('INSERT INTO journal_arrivals VALUES (?, ?, ?, ?)', seq, receivedAtMs, status, durationMs);
      }
      if (Number(rows[0]?.times) === 1) this.#prune(seq);
      return rows;
    });
    const delivery = toDelivery(row as DeliveryRow);
    this.#notify(delivery.seq);
    return delivery;
  }

  /** Records an attempt to forward a delivery. */
  forwarded(seq: number, { atMs, target, replay, status, error, durationMs, answer }: Forwarding): void {
    this.#writing(() => {
      this.#run(
        'INSERT INTO journal_passings VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        ...[seq, atMs, target, Number(replay), status ?? null, error ?? null, durationMs],
        answer.slice(0, MAX_ANSWER_LENGTH),
      );
      this.#run(
        'UPDATE journal_deliveries SET passed_on = passed_on + 1, app_status = ?, app_error = ? WHERE seq = ?',
        ...[status ?? null, error ?? null, seq],
      );
    });
    this.#notify(seq);
  }

  /** Deletes the oldest deliveries until this many bytes are freed. Returns the number of deleted deliveries. */
  dropOldest(bytes: number): number {
    return this.#writing(() => {
      const before = this.counts().all;
      this.#drop(this.#seqHolding(bytes));
      return before - this.counts().all;
    });
  }

  /** Returns when the oldest delivery was received, in milliseconds since 1970, or `undefined` if there is none. */
  oldestAtMs(): number | undefined {
    const [row] = this.#all<{ at: number }>('SELECT received_at AS at FROM journal_deliveries ORDER BY seq LIMIT 1');
    return row && Number(row.at);
  }

  /** Returns deliveries, newest first. */
  list(filter: Filter, limit: number): readonly Delivery[] {
    const conditions: string[] = [shows[filter.show ?? 'all']];
    const parameters: Value[] = [];
    const and = (sql: string, ...values: Value[]) => {
      conditions.push(sql);
      parameters.push(...values);
    };
    if (filter.event) and('event = ?', filter.event);
    if (filter.before !== undefined) and('seq < ?', filter.before);
    if (filter.among) and(`seq IN (${filter.among.map(() => '?').join(', ')})`, ...filter.among);
    if (filter.query) {
      const pattern = `%${filter.query.replace(/[\\%_]/g, '\\$&')}%`;
      const fields = ['event', 'title', 'entity_id', 'webhook_id', 'key', 'code'];
      const within = 'SELECT CAST(body AS TEXT) FROM journal_bodies WHERE journal_bodies.seq = journal_deliveries.seq';
      const sought = [...fields, `(${within})`].map((field) => `${field} LIKE ? ESCAPE '\\'`);
      and(`(${sought.join(' OR ')})`, ...sought.map(() => pattern));
    }
    const sql = `SELECT ${columns} FROM journal_deliveries WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT ?`;
    return this.#all<DeliveryRow>(sql, ...parameters, limit).map(toDelivery);
  }

  get(seq: number): FullDelivery | undefined {
    return this.#full('seq = ?', seq);
  }

  /** Returns a genuine delivery by its id. */
  byId(id: string): FullDelivery | undefined {
    return this.#full('key = ?', id);
  }

  /** Returns the number of deliveries, of refused ones, and of those that were read from the API. */
  counts(): Counts {
    const [row] = this.#all<Counts>(
      `SELECT count(*) AS "all", count(*) FILTER (WHERE accepted = 0) AS refused,
         count(*) FILTER (WHERE backfilled = 1) AS backfilled FROM journal_deliveries`,
    );
    return { all: Number(row?.all), refused: Number(row?.refused), backfilled: Number(row?.backfilled) };
  }

  /** Returns when the last genuine delivery of a webhook was received. */
  lastGenuineAt(webhookId: string): Date | undefined {
    const [row] = this.#all<{ at: number | null }>(
      'SELECT max(received_at) AS at FROM journal_deliveries WHERE accepted = 1 AND backfilled = 0 AND webhook_id = ?',
      webhookId,
    );
    return row?.at === null || row?.at === undefined ? undefined : new Date(Number(row.at));
  }

  /** Returns the received events, for a filter. */
  events(): readonly string[] {
    const sql = 'SELECT DISTINCT event FROM journal_deliveries WHERE event IS NOT NULL ORDER BY event LIMIT 200';
    return this.#all<{ event: string }>(sql).map(({ event }) => event);
  }

  /** Calls the listener with each new or changed delivery. Returns a function that removes it. */
  onChange(listener: (seq: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #full(where: string, value: Value): FullDelivery | undefined {
    const [row] = this.#all<DeliveryRow>(`SELECT ${columns} FROM journal_deliveries WHERE ${where}`, value);
    if (!row) return undefined;
    const [kept] = this.#all<{ path: string; headers: string; drift: string; body: Uint8Array | ArrayBuffer }>(
      'SELECT path, headers, drift, body FROM journal_bodies WHERE seq = ?',
      row.seq,
    );
    if (!kept) return undefined;
    const arrivals = this.#all<FullDelivery['arrivals'][number]>(
      `SELECT at AS receivedAtMs, status, duration AS durationMs FROM journal_arrivals WHERE seq = ? ORDER BY at LIMIT ${MAX_LISTED}`,
      row.seq,
    );
    const forwardings = this.#all<{ [Key in keyof Forwarding]: Forwarding[Key] | null }>(
      `SELECT at AS atMs, target, replay, status, error, duration AS durationMs, answer FROM journal_passings
       WHERE seq = ? ORDER BY at LIMIT ${MAX_LISTED}`,
      row.seq,
    );
    return {
      ...toDelivery(row),
      path: kept.path,
      headers: JSON.parse(kept.headers),
      drift: JSON.parse(kept.drift),
      body: new Uint8Array(kept.body), // libsql may give the bare buffer
      arrivals,
      forwardings: forwardings.map(
        (forwarding) => ({ ...defined(forwarding), replay: Boolean(forwarding.replay) }) as Forwarding,
      ),
    };
  }

  /** Counts rows instead of comparing numbers: an upsert of a known delivery uses up a number, too. */
  #prune(newest: number): void {
    const { maxDeliveries, maxBytes } = this.#limits;
    this.#sinceCount += 1;
    if (this.#sinceCount > COUNT_EVERY) {
      this.#kept = this.#weigh('TRUE');
      this.#sinceCount = 0;
    } else {
      const { rows, bytes } = this.#weigh('seq = ?', newest);
      this.#kept = { rows: this.#kept.rows + rows, bytes: this.#kept.bytes + bytes };
    }
    const { rows, bytes } = this.#kept;
    this.#drop(Math.max(this.#seqAfter(rows - maxDeliveries), this.#seqHolding(bytes - maxBytes)));
  }

  /** Returns the last of this many oldest deliveries. */
  #seqAfter(rows: number): number {
    if (rows <= 0) return 0;
    const sql = 'SELECT seq FROM journal_bodies ORDER BY seq LIMIT 1 OFFSET ?';
    return this.#all<{ seq: number }>(sql, rows - 1)[0]?.seq ?? 0;
  }

  /** Returns the last of the oldest deliveries whose sizes add up to this many bytes. */
  #seqHolding(bytes: number): number {
    if (bytes <= 0) return 0;
    const [last] = this.#all<{ seq: number | null }>(
      `SELECT coalesce(min(seq) FILTER (WHERE bytes >= ?), max(seq)) AS seq FROM (
         SELECT seq, sum(${rowBytes}) OVER (ORDER BY seq) AS bytes
         FROM (SELECT * FROM journal_bodies ORDER BY seq LIMIT ${MAX_DROPPED})
       )`,
      bytes,
    );
    return last?.seq ?? 0;
  }

  #weigh(where: string, ...parameters: Value[]): { readonly rows: number; readonly bytes: number } {
    const [row] = this.#all<{ count: number; bytes: number | null }>(
      `SELECT count(*) AS count, sum(${rowBytes}) AS bytes FROM journal_bodies WHERE ${where}`,
      ...parameters,
    );
    return { rows: Number(row?.count), bytes: Number(row?.bytes ?? 0) };
  }

  #drop(upTo: number): void {
    if (upTo <= 0) return;
    const { rows, bytes } = this.#weigh('seq <= ?', upTo);
    for (const table of ['deliveries', 'bodies', 'arrivals', 'passings']) {
      this.#run(`DELETE FROM journal_${table} WHERE seq <= ?`, upTo);
    }
    this.#kept = { rows: this.#kept.rows - rows, bytes: this.#kept.bytes - bytes };
  }

  #notify(seq: number): void {
    for (const listener of this.#listeners) listener(seq);
  }

  #writing<T>(work: () => T): T {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw DriverError.from(error);
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // The transaction never began, or SQLite has rolled it back.
    }
  }

  #all<Row>(sql: string, ...parameters: Value[]): Row[] {
    try {
      return this.#prepared(sql).all(...(parameters as never[])) as Row[];
    } catch (error) {
      throw DriverError.from(error);
    }
  }

  #run(sql: string, ...parameters: Value[]): void {
    this.#prepared(sql).run(...(parameters as never[]));
  }

  #prepared(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Identifies a refused request by its bytes: a refused request has no delivery id. */
function refusedKey({ headers, body, code }: Arrival): string {
  const hash = createHash('sha256').update(`${code}\n`);
  for (let place = 0; place < headers.length; place += 2) {
    if (headers[place]?.toLowerCase() === 'x-signature') hash.update(`${headers[place + 1]}\n`);
  }
  return `refused-${hash.update(body).digest('hex').slice(0, 32)}`;
}

const toDelivery = (row: DeliveryRow) =>
  ({ ...defined(row), accepted: Boolean(row.accepted), backfilled: Boolean(row.backfilled) }) as Delivery;

/** Turns NULL into `undefined`. */
function defined<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined])) as Row;
}
