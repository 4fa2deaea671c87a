import { count, DriverError } from '@blue-webhooks/core/adapter';
import { checkedStore } from '../checked-store';
import type { NewDelivery } from '../delivery';
import { storeErrorOf } from '../inbox-event';
import { flag } from '../settings';
import type { InboxStore, PruneRequest, ReplaySelection } from '../store';
import { StoreError } from '../store-error';
import { isPassing } from './busy';
import { type Connected, type Connection, connectHandle, connectPath, type SqliteOptions } from './connection';
import type { SqliteDatabase } from './driver';
import { isTaken, promote, unfinished } from './lanes';
import { Leases } from './leases';
import { forgetLimits } from './limits';
import { pause, readPauses, resume } from './pauses';
import { readOnlyStore } from './read-only-store';
import { readOne, readPage, readStats, requireCursor } from './reading';
import type { DeliveryRow } from './row';
import { type Position, selectionOf } from './selection';
import type { SqliteTransaction } from './transaction';

/** How many rows one transaction changes, so that deliveries to be stored do not wait long. */
const CHUNK = 500;

/**
 * Stores deliveries in a SQLite file on a local disk, which several processes of one machine can share. Acknowledged
 * deliveries are on the disk: they survive a crash of the process and a power cut.
 *
 * A path is opened with `node:sqlite` if the runtime has it, otherwise with the package `libsql`, and made readable for its owner only.
 * Instead of a path, pass an open database of `better-sqlite3`, `bun:sqlite` or a similar driver, and close it yourself. The handle should
 * be the inbox's own: while the application has a transaction open on it, deliveries wait, and are answered 503 after
 * `busyTimeoutMs`. Its pragmas stay as they are.
 * @throws TypeError if it is neither, and for a database in memory
 */
export function sqliteStore(
  source: string | SqliteDatabase,
  options: SqliteOptions = {},
): InboxStore<SqliteTransaction> {
  requireSource(source);
  const busyTimeoutMs = count('busyTimeoutMs', options.busyTimeoutMs ?? 4_000, 2 ** 31 - 1);
  const readOnly = flag('readOnly', options.readOnly ?? false);
  return checkedStore(
    readOnly ? readOnlyStore(requirePath(source), busyTimeoutMs) : writableStore(source, busyTimeoutMs),
  );
}

function writableStore(source: string | SqliteDatabase, busyTimeoutMs: number): InboxStore<SqliteTransaction> {
  const leases = new Leases();
  let opened: Promise<Connected> | undefined;
  let warnings: readonly string[] = [];

  async function connect(): Promise<Connected> {
    try {
      const connected = await (typeof source === 'string'
        ? connectPath(source, busyTimeoutMs)
        : connectHandle(source, busyTimeoutMs));
      warnings = connected.warnings;
      return connected;
    } catch (error) {
      opened = undefined;
      throw cannotOpen(error);
    }
  }

  function open(): Promise<Connected> {
    opened ??= connect();
    return opened;
  }

  /** Opens the file when necessary, and again after a failure that waiting does not cure: it may have been repaired since. */
  async function using<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const current = open();
    const { connection, close } = await current;
    try {
      return await work(connection);
    } catch (error) {
      if (opened === current && !isPassing(error)) {
        opened = undefined;
        closeQuietly(close);
      }
      throw storeErrorOf(error);
    }
  }

  return {
    get warnings() {
      return warnings;
    },
    async open() {
      await open();
    },
    put: (delivery) => using((connection) => connection.write(() => insert(connection, delivery))),
    probe: () =>
      using((connection) =>
        connection.write(() => {
          connection.run("INSERT INTO blue_digests VALUES ('probe', 0)");
          connection.run("DELETE FROM blue_digests WHERE id = 'probe'");
        }),
      ),
    lease: (request) => using((connection) => leases.lease(connection, request)),
    renew: (held) => using((connection) => leases.renew(connection, held)),
    recordHandled: (lease, handled) => using((connection) => leases.recordHandled(connection, lease, handled)),
    async transaction(request) {
      const ended = await using((connection) => leases.transaction(connection, request));
      if (typeof ended === 'object') throw ended.error; // the handler's own, as it is
      return ended === 'committed';
    },
    settle: (lease, settlement) => using((connection) => leases.settle(connection, lease, settlement)),
    updateLimits: (update) => using((connection) => leases.updateLimits(connection, update)),
    stats: () => using((connection) => connection.read(() => readStats(connection))),
    async list(query) {
      requireCursor(query.cursor);
      return using((connection) => connection.read(() => readPage(connection, query)));
    },
    get: (id) => using((connection) => connection.read(() => readOne(connection, id))),
    replay: (selection) => using((connection) => replay(connection, selection)),
    markDead: (id) =>
      using((connection) =>
        connection.write(() => {
          const [row] = connection.all<{ lane: string | null }>(
            `UPDATE blue_deliveries
             SET state = 'dead', finished_at = ?, last_error = 'Marked as dead by hand.', lease = NULL, lease_ms = NULL, beat = NULL
             WHERE id = ? AND ${unfinished} RETURNING lane`,
            ...[Date.now(), id],
          );
          if (row) promote(connection, row.lane);
          return row !== undefined;
        }),
      ),
    prune: (request) => using((connection) => prune(connection, request)),
    pause: (pausing) => using((connection) => connection.write(() => pause(connection, pausing))),
    resume: (scope) => using((connection) => connection.write(() => resume(connection, scope))),
    paused: () => using((connection) => connection.read(() => readPauses(connection))),
    async close() {
      const closing = opened;
      opened = undefined;
      const current = await closing?.catch(() => undefined);
      await current?.connection.write(() => {}).catch(() => {}); // earlier writes come first
      current?.close();
    },
  };
}

/** Returns an error that says that the inbox cannot be opened, and why. */
function cannotOpen(error: unknown): StoreError {
  if (StoreError.is(error)) return error;
  const cause = DriverError.from(error);
  const code = /not a database/.test(cause.message) ? 'NOT_AN_INBOX' : 'CANNOT_OPEN';
  return new StoreError(code, `The inbox cannot be opened: ${cause.message}`, { cause });
}

function insert(connection: Connection, delivery: NewDelivery): 'stored' | 'duplicate' {
  const { id, event, entityId, entityUpdatedAt, webhookId, lane, receivedAt, signature, secretId, trace } = delivery;
  const state = lane !== undefined && isTaken(connection, lane) ? 'held' : 'waiting';
  const [row] = connection.all<{ seq: number }>(
    `INSERT INTO blue_deliveries
       (id, event, entity_id, entity_updated_at, webhook_id, lane, state, received_at, signature, secret_id, trace)
     SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM blue_digests WHERE id = ?)
     ON CONFLICT (id) DO NOTHING RETURNING seq`,
    ...[id, event, entityId ?? null, entityUpdatedAt?.getTime() ?? null, webhookId ?? null, lane ?? null, state],
    ...[receivedAt.getTime(), signature, secretId ?? null, trace ?? null, id],
  );
  if (!row) return 'duplicate';
  connection.run('INSERT INTO blue_bodies VALUES (?, ?)', row.seq, Buffer.from(delivery.rawBody));
  return 'stored';
}

async function replay(connection: Connection, selection: ReplaySelection): Promise<number> {
  if ('ids' in selection) {
    const ids = [...new Set(selection.ids)];
    let replayed = 0;
    for (let from = 0; from < ids.length; from += CHUNK) {
      const chunk = ids.slice(from, from + CHUNK);
      replayed += await connection.write(() => again(connection, 'id', chunk));
    }
    return replayed;
  }
  let replayed = 0;
  for (let after: Position | undefined; ; ) {
    const { from, parameters } = selectionOf(selection.filter, after ? { after } : {});
    const rows = await connection.read(() =>
      connection.all<Pick<DeliveryRow, 'seq' | 'received_at'>>(
        `SELECT seq, received_at ${from} ORDER BY received_at, seq LIMIT ${CHUNK}`,
        ...parameters,
      ),
    );
    const last = rows.at(-1);
    if (!last) return replayed;
    const seqs = rows.map(({ seq }) => seq);
    replayed += await connection.write(() => again(connection, 'seq', seqs));
    after = { receivedAt: last.received_at, seq: last.seq };
  }
}

/** Puts deliveries back in their places in their lanes, and makes the first of each lane wait. */
function again(connection: Connection, key: 'id' | 'seq', values: readonly (string | number)[]): number {
  const rows = values.flatMap((value) =>
    connection.all<{ lane: string | null }>(
      `UPDATE blue_deliveries SET attempts = 0, due_at = 0, finished_at = NULL,
         state = CASE WHEN lane IS NULL OR state = 'waiting' THEN 'waiting' ELSE 'held' END
       WHERE ${key} = ? AND state NOT IN ('held', 'active') RETURNING lane`,
      value,
    ),
  );
  for (const lane of new Set(rows.map((row) => row.lane))) promote(connection, lane);
  return rows.length;
}

async function prune(connection: Connection, { before, states, forgetBefore }: PruneRequest): Promise<number> {
  let pruned = 0;
  for (const state of states) {
    for (let chunk = CHUNK; chunk === CHUNK; ) {
      chunk = await connection.write(() => {
        const rows = connection.all<Pick<DeliveryRow, 'seq' | 'id' | 'received_at'>>(
          `DELETE FROM blue_deliveries WHERE seq IN (
             SELECT seq FROM blue_deliveries INDEXED BY blue_by_state WHERE state = ? AND received_at < ? LIMIT ${CHUNK}
           ) RETURNING seq, id, received_at`,
          ...[state, before.getTime()],
        );
        for (const { seq, id, received_at } of rows) {
          connection.run('DELETE FROM blue_bodies WHERE seq = ?', seq);
          connection.run('INSERT INTO blue_digests VALUES (?, ?) ON CONFLICT DO NOTHING', id, received_at);
        }
        return rows.length;
      });
      pruned += chunk;
    }
  }
  for (let chunk = CHUNK; chunk === CHUNK; ) {
    chunk = await connection.write(
      () =>
        connection.all(
          `DELETE FROM blue_digests WHERE id IN (
             SELECT id FROM blue_digests INDEXED BY blue_digests_by_time WHERE received_at < ? LIMIT ${CHUNK}
           ) RETURNING 1`,
          forgetBefore.getTime(),
        ).length,
    );
  }
  await connection.write(() => forgetLimits(connection));
  return pruned;
}

function closeQuietly(close: () => void): void {
  try {
    close();
  } catch {
    // It is closed when the process ends.
  }
}

function requirePath(source: string | SqliteDatabase): string {
  if (typeof source === 'string') return source;
  throw new TypeError("readOnly needs a path: sqliteStore('blue-inbox.db', { readOnly: true }).");
}

function requireSource(source: unknown): void {
  if (typeof source === 'string') {
    if (source !== '' && !source.startsWith(':memory:')) return;
    throw new TypeError('sqliteStore needs the path of a file. For a test without a file use memoryStore().');
  }
  const { exec, prepare } = (source ?? {}) as Partial<SqliteDatabase>;
  if (typeof exec === 'function' && typeof prepare === 'function') return;
  throw new TypeError("sqliteStore needs the path of a file, or an open database: sqliteStore('blue-inbox.db').");
}
