import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { InboxStore } from '../store';
import { StoreError, storeErrorOf } from '../store-error';
import { isBusy } from './busy';
import type { Reader } from './connection';
import { openSqliteReadOnly, type SqliteDatabase } from './driver';
import { readPausesIfAny } from './pauses';
import { readOne, readPage, readStats, requireCursor } from './reading';
import { namesInbox, notInbox, requireInbox } from './schema';

const PAUSE_MS = 25;

/**
 * Reads an inbox's file without writing to it. The file is opened for each call, so that it never holds up the process that
 * works on it.
 */
export function readOnlyStore(path: string, busyTimeoutMs: number): InboxStore<never> {
  async function reading<T>(work: (reader: Reader) => T): Promise<T> {
    const open = await openSqliteReadOnly();
    const giveUpAt = performance.now() + busyTimeoutMs;
    for (;;) {
      const result = read(path, open, work);
      if ('value' in result) return result.value;
      const { error, again } = result;
      if (!again || performance.now() >= giveUpAt) throw error;
      await sleep(PAUSE_MS);
    }
  }

  const refuse = async (): Promise<never> => {
    throw new StoreError('READ_ONLY', 'The inbox was opened to be read: leave out readOnly to change it.');
  };

  return {
    open: () => reading(() => {}),
    stats: () => reading(readStats),
    async list(query) {
      requireCursor(query.cursor);
      return reading((reader) => readPage(reader, query));
    },
    get: (id) => reading((reader) => readOne(reader, id)),
    put: refuse,
    probe: refuse,
    lease: refuse,
    renew: refuse,
    recordHandled: refuse,
    settle: refuse,
    updateLimits: refuse,
    replay: refuse,
    markDead: refuse,
    prune: refuse,
    erase: refuse,
    pause: refuse,
    resume: refuse,
    paused: () => reading(readPausesIfAny),
    async close() {},
  };
}

type Attempt<T> = { readonly value: T } | { readonly error: Error; readonly again: boolean };

/**
 * Reads once. Without a write-ahead log no process has the file open, and it is opened as immutable: otherwise SQLite would
 * create a log. Afterwards it is checked that no process has changed it meanwhile.
 */
function read<T>(path: string, open: (uri: string) => SqliteDatabase, work: (reader: Reader) => T): Attempt<T> {
  let before: Snapshot | undefined;
  // With a log, the file is opened as immutable only to find out that it is another program's.
  let refused = false;
  const changed = () => (before?.quiet === true || refused) && before !== undefined && !isUnchanged(before, path);
  try {
    before = snapshotOf(path);
    const value = readOnce(path, open, before.quiet, work);
    if (!changed()) return { value };
    return { error: new StoreError('NO_FILE', `${path} was replaced while it was read.`), again: true };
  } catch (error) {
    refused = StoreError.is(error) && error.code === 'NOT_AN_INBOX';
    const again = changed() || isBusy(error);
    return { error: storeErrorOf(error), again };
  }
}

function readOnce<T>(
  path: string,
  open: (uri: string) => SqliteDatabase,
  quiet: boolean,
  work: (reader: Reader) => T,
): T {
  if (!quiet && !mayBeInbox(path, open)) throw notInbox(path, 'it has no deliveries');
  return withDatabase(path, open, quiet, (database) => {
    requireInbox(database, path);
    return work({ all: (sql, ...parameters) => database.prepare(sql).all(...(parameters as never[])) as never[] });
  });
}

/**
 * Whether the file or its write-ahead log names the tables of an inbox. With its log, SQLite would open the shared memory of another
 * program's database, too, or create it.
 */
function mayBeInbox(path: string, open: (uri: string) => SqliteDatabase): boolean {
  try {
    return withDatabase(path, open, true, namesInbox) || readFileSync(logOf(path)).includes('blue_deliveries');
  } catch {
    return true; // changed meanwhile, or too large to be read: SQLite decides
  }
}

function withDatabase<T>(
  path: string,
  open: (uri: string) => SqliteDatabase,
  immutable: boolean,
  work: (database: SqliteDatabase) => T,
): T {
  const database = open(`${pathToFileURL(path).href}?mode=ro${immutable ? '&immutable=1' : ''}`);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** SQLite keeps the log beside the file that a symbolic link leads to. */
const logOf = (path: string): string => `${realpathSync(path)}-wal`;

interface Snapshot {
  readonly facts: readonly bigint[];
  /** Whether there is no write-ahead log. */
  readonly quiet: boolean;
}

function snapshotOf(path: string): Snapshot {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!file) throw new StoreError('NO_FILE', `${path} does not exist.`);
  if (!file.isFile()) throw new StoreError('NOT_AN_INBOX', `${path} is not an inbox database: it is not a file.`);
  const log: Stats | undefined = statSync(logOf(path), { throwIfNoEntry: false });
  return { facts: [file.dev, file.ino, file.size, file.mtimeNs], quiet: log === undefined };
}

function isUnchanged(before: Snapshot, path: string): boolean {
  try {
    const { facts, quiet } = snapshotOf(path);
    return quiet === before.quiet && facts.every((fact, place) => fact === before.facts[place]);
  } catch {
    return false; // it is gone
  }
}
