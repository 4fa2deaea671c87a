import { chmodSync } from 'node:fs';
import Libsql from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StoreError, sqliteStore } from '../src/index';
import { eventually, healthCheck, inboxWith, post, signed } from './endpoint';
import { scratchFile } from './scratch';

const pragmas = ['journal_mode', 'synchronous', 'busy_timeout', 'fullfsync', 'foreign_keys', 'wal_autocheckpoint'];

/** Opens a handle with a table of the application's. */
function sharedHandle(sql = 'PRAGMA journal_mode = WAL') {
  const path = scratchFile();
  const database = new Libsql(path);
  onTestFinished(() => void database.close());
  database.exec(`${sql}; CREATE TABLE orders (name TEXT)`);
  const rows = (query: string) => database.prepare(query).all();
  return {
    path,
    database,
    orders: () => rows('SELECT name FROM orders').map((row) => (row as { name: string }).name),
    settings: () => pragmas.map((pragma) => JSON.stringify(rows(`PRAGMA ${pragma}`))),
  };
}

/** Makes a handle of libsql answer as node:sqlite does with these options, which a statement can change for itself. */
function likeNodeSqlite(database: Libsql.Database, options: { readBigInts?: boolean; returnArrays?: boolean }): void {
  const compile = database.prepare.bind(database);
  database.prepare = ((sql: string) => {
    const statement = compile(sql);
    const set = { readBigInts: false, returnArrays: false, ...options };
    const all = (...parameters: unknown[]) => {
      statement.safeIntegers(set.readBigInts);
      const rows = statement.all(...(parameters as never[])) as object[];
      return set.returnArrays ? rows.map((row) => Object.values(row)) : rows;
    };
    return {
      all,
      run: statement.run.bind(statement),
      setReadBigInts(isOn: boolean) {
        set.readBigInts = isOn;
      },
      setReturnArrays(isOn: boolean) {
        set.returnArrays = isOn;
      },
    };
  }) as never;
}

describe('a delivery that arrives inside the application’s transaction', () => {
  test.each(['BEGIN', 'BEGIN IMMEDIATE', 'SAVEPOINT mine'])(
    'waits until it ends after %s, and leaves its rows alone',
    async (begin) => {
      const { database, orders } = sharedHandle();
      const { inbox, events } = inboxWith({ store: sqliteStore(database) });
      expect(await post(inbox, await healthCheck())).toBe(204);
      database.exec(`${begin}; INSERT INTO orders VALUES ('kept')`);
      const sent = await signed();
      const status = post(inbox, sent);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(database.inTransaction).toBe(true);
      database.exec(begin === 'SAVEPOINT mine' ? 'RELEASE mine' : 'COMMIT');
      expect(await status).toBe(204);
      expect(orders()).toEqual(['kept']);
      expect((await inbox.get(sent.id))?.state).toBe('waiting');
      expect(events.map(({ type }) => type).filter((type) => type !== 'warning')).toEqual(['stored']);
    },
  );

  test('is stored even if the application rolls back', async () => {
    const { database, orders } = sharedHandle();
    const { inbox } = inboxWith({ store: sqliteStore(database) });
    await post(inbox, await healthCheck());
    database.exec("BEGIN; INSERT INTO orders VALUES ('undone')");
    const sent = await signed();
    const status = post(inbox, sent);
    await new Promise((resolve) => setTimeout(resolve, 100));
    database.exec('ROLLBACK');
    expect(await status).toBe(204);
    expect(orders()).toEqual([]);
    expect((await inbox.get(sent.id))?.state).toBe('waiting');
  });

  test('is answered 503, and reported once as IN_TRANSACTION, if it does not end', async () => {
    const { database, orders } = sharedHandle();
    const { inbox, heard } = inboxWith({ store: sqliteStore(database, { busyTimeoutMs: 100 }) });
    await post(inbox, await healthCheck());
    database.exec("BEGIN; INSERT INTO orders VALUES ('kept')");
    expect(await post(inbox, await signed())).toBe(503);
    expect(heard('store-failed')).toMatchObject([{ error: { name: 'StoreError', code: 'IN_TRANSACTION' } }]);
    expect(database.inTransaction).toBe(true);
    database.exec('COMMIT');
    expect(orders()).toEqual(['kept']);
    expect(await post(inbox, await signed())).toBe(204);
  });

  test('also when the inbox has not been opened before', async () => {
    const { database, orders } = sharedHandle();
    const { inbox } = inboxWith({ store: sqliteStore(database) });
    database.exec("BEGIN; INSERT INTO orders VALUES ('kept')");
    const started = inbox.start();
    const status = post(inbox, await signed());
    await new Promise((resolve) => setTimeout(resolve, 100));
    database.exec('COMMIT');
    await started;
    expect(await status).toBe(204);
    expect(orders()).toEqual(['kept']);
    await eventually(async () => (await inbox.stats()).done === 1);
  });
});

test('an application that writes in transactions of its own all the time loses no row, and the inbox no delivery', async () => {
  const { database, orders } = sharedHandle();
  const { inbox } = inboxWith({ store: sqliteStore(database) });
  await inbox.start();
  const sent: Promise<number>[] = [];
  for (let i = 0; i < 40; i++) {
    database.exec('BEGIN');
    database.exec(`INSERT INTO orders VALUES ('${i}')`);
    sent.push(post(inbox, await signed()));
    await new Promise((resolve) => setTimeout(resolve, 2));
    database.exec('COMMIT');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(new Set(await Promise.all(sent))).toEqual(new Set([204]));
  expect(orders()).toHaveLength(40);
  await eventually(async () => (await inbox.stats()).done === 40);
});

test.each<[string, (database: Libsql.Database) => unknown]>([
  ['integers as BigInt', (database) => database.defaultSafeIntegers(true)],
  // node:sqlite returns them so for a handle with these options.
  ['integers as BigInt, by a driver like node:sqlite', (database) => likeNodeSqlite(database, { readBigInts: true })],
  ['rows as arrays, by a driver like node:sqlite', (database) => likeNodeSqlite(database, { returnArrays: true })],
])('an application that lets its handle return %s changes nothing for the inbox', async (_, change) => {
  const { database } = sharedHandle();
  change(database);
  const { inbox } = inboxWith({ store: sqliteStore(database) }, () => {
    throw new Error('again');
  });
  const sent = await signed();
  expect(await post(inbox, sent)).toBe(204);
  expect(await inbox.stats()).toMatchObject({ waiting: 1, done: 0, oldestWaitingMs: expect.any(Number) });
  await inbox.start();
  await eventually(async () => (await inbox.get(sent.id))?.retryAt);
  expect(await inbox.get(sent.id)).toMatchObject({
    attempts: 1,
    receivedAt: expect.any(Date),
    retryAt: expect.any(Date),
  });
  expect(await inbox.replay({ state: 'waiting' })).toBe(1);
  expect((await inbox.list({ limit: 1 })).deliveries).toMatchObject([{ id: sent.id }]);
  expect(await inbox.prune({ olderThan: new Date(0) })).toBe(0);
});

describe('the settings of a database handle', () => {
  test('are after every write what the application has made them', async () => {
    const { database, settings } = sharedHandle(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON',
    );
    const before = settings();
    const { inbox } = inboxWith({ store: sqliteStore(database) });
    await inbox.start();
    expect(settings()).toEqual(before);
    for (let i = 0; i < 3; i++) expect(await post(inbox, await signed())).toBe(204);
    await eventually(async () => (await inbox.stats()).done === 3);
    expect(settings()).toEqual(before);
    await inbox.stop();
    expect(settings()).toEqual(before);
  });

  test('are durable while the inbox commits, whatever the application has set', async () => {
    const { database } = sharedHandle('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    const synchronous: unknown[] = [];
    const exec = database.exec.bind(database);
    database.exec = (sql: string) => {
      if (sql === 'COMMIT') synchronous.push(database.prepare('PRAGMA synchronous').all());
      return exec(sql);
    };
    const { inbox } = inboxWith({ store: sqliteStore(database) });
    expect(await post(inbox, await signed())).toBe(204);
    expect(synchronous.length).toBeGreaterThan(0);
    for (const rows of synchronous) expect(rows).toEqual([{ synchronous: 2 }]);
  });

  test('a database of the application without a write-ahead log is refused, and not switched', async () => {
    const { database, settings } = sharedHandle('PRAGMA journal_mode = DELETE');
    const before = settings();
    const { inbox, heard } = inboxWith({ store: sqliteStore(database) });
    await expect(inbox.start()).rejects.toThrow('PRAGMA journal_mode = WAL');
    expect(await post(inbox, await signed())).toBe(503);
    expect(
      heard('store-failed').map((event) => 'error' in event && StoreError.is(event.error) && event.error.code),
    ).toEqual(['NOT_WAL']);
    expect(settings()).toEqual(before);
    expect(database.prepare('SELECT name FROM sqlite_schema').all()).toHaveLength(1);
  });

  test('an empty database is switched, since it has no other user', async () => {
    const database = new Libsql(scratchFile());
    onTestFinished(() => void database.close());
    const { inbox } = inboxWith({ store: sqliteStore(database) });
    expect(await post(inbox, await signed())).toBe(204);
  });

  test('a handle whose files others can read is reported at start, and left as it is', async () => {
    const { path, database } = sharedHandle();
    chmodSync(path, 0o644);
    const { inbox, heard } = inboxWith({ store: sqliteStore(database) });
    await inbox.start();
    expect(heard('warning').map((event) => 'reason' in event && event.reason)).toContainEqual(
      expect.stringMatching(
        /^Others can read the deliveries in .*inbox\.db, .*-wal, .*-shm: change the mode to 600\.$/,
      ),
    );
  });
});
