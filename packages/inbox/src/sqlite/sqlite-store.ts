import type { NewEntry } from '../entry';
import { count, flag } from '../settings';
import type { InboxStore, PruneRequest, ReplaySelection } from '../store';
import { isBusy, isFull } from './busy';
import { type Connection, connect, type SqliteOptions } from './connection';
import type { SqliteDatabase } from './driver';
import { isTaken, promote, unfinished } from './lanes';
import { Leases } from './leases';
import { readOnlyStore } from './read-only-store';
import { readOne, readPage, readStats } from './reading';
import type { DeliveryRow } from './row';
import { type Position, selectionOf } from './selection';

/** So that no transaction holds up those who want to put for long. */
const CHUNK = 500;

/**
 * Keeps deliveries in a SQLite file on a local disk, which several processes of one machine may share. What is acknowledged
 * is on the disk: it outlives the process and a power cut.
 *
 * A path is opened with the runtime's `node:sqlite` or else with the package `libsql`, and made readable for its owner only. Instead
 * of a path, take a database of better-sqlite3's, bun:sqlite's or the like; it stays yours to close.
 * @throws TypeError for what is neither, and for a database in memory
 */
export function sqliteStore(source: string | SqliteDatabase, options: SqliteOptions = {}): InboxStore {
  requireSource(source);
  const busyTimeoutMs = count('busyTimeoutMs', options.busyTimeoutMs ?? 4_000, 2 ** 31 - 1);
  if (flag('readOnly', options.readOnly ?? false)) return readOnlyStore(requirePath(source), busyTimeoutMs);
  const leases = new Leases();
  let opened: ReturnType<typeof connect> | undefined;

  function open(): ReturnType<typeof connect> {
    opened ??= connect(source, busyTimeoutMs).catch((cause: Error) => {
      opened = undefined;
      throw new Error(`The inbox cannot be opened: ${cause.message}`, { cause });
    });
    return opened;
  }

  /** Opens the file when it has to, and anew after a failure that time alone does not heal: someone may have mended it. */
  async function using<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const current = open();
    const { connection, close } = await current;
    try {
      return await work(connection);
    } catch (error) {
      if (opened === current && !isBusy(error) && !isFull(error)) {
        opened = undefined;
        closeQuietly(close);
      }
      throw error;
    }
  }

  return {
    async open() {
      await open();
    },
    put: (entry) => using((connection) => connection.write(() => insert(connection, entry))),
    probe: () =>
      using((connection) =>
        connection.write(() => {
          connection.run("INSERT INTO blue_digests VALUES ('probe', 0)");
          connection.run("DELETE FROM blue_digests WHERE id = 'probe'");
        }),
      ),
    lease: (request) => using((connection) => leases.lease(connection, request)),
    renew: (held) => using((connection) => leases.renew(connection, held)),
    settle: (lease, settlement) => using((connection) => leases.settle(connection, lease, settlement)),
    stats: () => using((connection) => connection.read(() => readStats(connection))),
    list: (query) => using((connection) => connection.read(() => readPage(connection, query))),
    get: (id) => using((connection) => connection.read(() => readOne(connection, id))),
    replay: (selection) => using((connection) => replay(connection, selection)),
    bury: (id) =>
      using((connection) =>
        connection.write(() => {
          const [row] = connection.all<{ lane: string | null }>(
            `UPDATE blue_deliveries
             SET state = 'dead', finished_at = ?, last_error = 'Buried by hand.', lease = NULL, lease_ms = NULL, beat = NULL
             WHERE id = ? AND ${unfinished} RETURNING lane`,
            ...[Date.now(), id],
          );
          if (row) promote(connection, row.lane);
          return row !== undefined;
        }),
      ),
    prune: (request) => using((connection) => prune(connection, request)),
    async close() {
      const closing = opened;
      opened = undefined;
      const current = await closing?.catch(() => undefined);
      await current?.connection.write(() => {}).catch(() => {}); // what was asked for before is written first
      current?.close();
    },
  };
}

function insert(connection: Connection, entry: NewEntry): 'stored' | 'duplicate' {
  const { id, event, entityId, entityUpdatedAt, webhookId, lane, receivedAt, signature, secretId } = entry;
  const state = lane !== undefined && isTaken(connection, lane) ? 'held' : 'waiting';
  const [row] = connection.all<{ seq: number }>(
    `INSERT INTO blue_deliveries
       (id, event, entity_id, entity_updated_at, webhook_id, lane, state, received_at, signature, secret_id)
     SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM blue_digests WHERE id = ?)
     ON CONFLICT (id) DO NOTHING RETURNING seq`,
    ...[id, event, entityId ?? null, entityUpdatedAt?.getTime() ?? null, webhookId ?? null, lane ?? null, state],
    ...[receivedAt.getTime(), signature, secretId ?? null, id],
  );
  if (!row) return 'duplicate';
  connection.run('INSERT INTO blue_bodies VALUES (?, ?)', row.seq, Buffer.from(entry.rawBody));
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

/** Puts deliveries at their places in their lanes again, and lets the first of each lane wait for its turn. */
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
  return pruned;
}

function closeQuietly(close: () => void): void {
  try {
    close();
  } catch {
    // What cannot be closed is left to the process's end.
  }
}

function requirePath(source: string | SqliteDatabase): string {
  if (typeof source === 'string') return source;
  throw new TypeError("readOnly needs a path: sqliteStore('blue-inbox.db', { readOnly: true }).");
}

function requireSource(source: unknown): void {
  if (typeof source === 'string') {
    if (source !== '' && !source.startsWith(':memory:')) return;
    throw new TypeError('sqliteStore needs the path of a file; to keep nothing, in a test, use memoryStore().');
  }
  const { exec, prepare } = (source ?? {}) as Partial<SqliteDatabase>;
  if (typeof exec === 'function' && typeof prepare === 'function') return;
  throw new TypeError("sqliteStore needs the path of a file, or an open database: sqliteStore('blue-inbox.db').");
}
