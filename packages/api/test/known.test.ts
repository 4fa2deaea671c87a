import { type KnownEntity, type KnownStore, memoryKnown, postgresKnown, sqliteKnown } from '@blue-webhooks/api';
import Libsql from 'libsql';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from '../../inbox/test/services/postgres';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const record = (id: string, more: Partial<KnownEntity> = {}): KnownEntity => ({
  kind: 'record',
  id,
  projectId: 'p1',
  parentId: 'l1',
  row: { id, title: 'Zoë 📄', nested: { list: [1, null] } },
  ...more,
});

/** A store as plain JavaScript calls it. */
type Loose = Record<'get' | 'list' | 'put' | 'cursor' | 'setCursor', (...given: unknown[]) => Promise<unknown>>;

/** What every store of rows must do. */
function knownContract(create: () => KnownStore): void {
  test('returns rows by kind and workspace, and by id in any workspace', async () => {
    const known = create();
    const tag: KnownEntity = { kind: 'tag', id: 'r1', projectId: 'p1', parentId: undefined, row: { id: 'r1' } };
    await known.put([record('r1'), record('r2', { projectId: 'p2' }), tag]);
    expect(await known.list('record', 'p1')).toEqual([record('r1')]);
    expect(await known.list('tag', 'p1')).toEqual([tag]);
    expect(await known.list('comment', 'p1')).toEqual([]);
    expect(await known.get('record', ['r2', 'nope', 'r1'])).toEqual([record('r2', { projectId: 'p2' }), record('r1')]);
    expect(await known.get('record', [])).toEqual([]);
  });

  test('replaces a row, also one of another workspace, and keeps the last of two in one call', async () => {
    const known = create();
    await known.put([]);
    await known.put([record('r1')]);
    const deleted = record('r1', { projectId: 'p2', parentId: undefined, deletedAtMs: 1_768_300_000_000 });
    await known.put([record('r1', { row: { id: 'r1', title: 'Superseded' } }), deleted]);
    expect(await known.list('record', 'p1')).toEqual([]);
    expect(await known.list('record', 'p2')).toEqual([deleted]);
    await known.put([record('r1')]);
    expect(await known.get('record', ['r1'])).toEqual([record('r1')]);
  });

  test('keeps any text that JSON can hold', async () => {
    const known = create();
    const row = { id: 'r1', title: 'NUL \0, half of a pair \ud83d, quotes \'"\\', long: 'é'.repeat(100_000) };
    await known.put([record('r1', { row })]);
    expect((await known.get('record', ['r1']))[0]?.row).toEqual(row);
  });

  test('rejects every argument of another type with a TypeError', async () => {
    const known = create() as unknown as Loose;
    const tag = { kind: 'tag', id: 'a', projectId: 'p', row: {} };
    const notStrings = [undefined, null, 7, 7n, true, {}, { a: 1 }, [], Symbol('id'), new String('id'), new Date()];
    const calls = [
      ...notStrings.flatMap((value) => [
        () => known.get('tag', [value]),
        () => known.get(value, ['id']),
        () => known.list('tag', value),
        () => known.list(value, 'id'),
        ...['kind', 'id', 'projectId'].map((name) => () => known.put([{ ...tag, [name]: value }])),
        () => known.cursor(value),
        () => known.setCursor(value, 'a'),
        () => known.setCursor('a', value),
      ]),
      ...notStrings.slice(1).map((value) => () => known.put([{ ...tag, parentId: value }])),
      ...['1', Number.NaN, 1.5, 1n, new Date(), null].map((value) => () => known.put([{ ...tag, deletedAtMs: value }])),
      ...[undefined, null, 'row', 7].map((row) => () => known.put([{ ...tag, row }])),
      ...['id', undefined, {}, new Array(2)].flatMap((list) => [() => known.get('tag', list), () => known.put(list)]),
    ];
    for (const [place, call] of calls.entries()) {
      await expect(call(), `call ${place}`).rejects.toThrow(TypeError);
    }
  });

  test('keeps cursors by name', async () => {
    const known = create();
    expect(await known.cursor('one')).toBeUndefined();
    await known.setCursor('one', 'first');
    await known.setCursor('one', 'second');
    await known.setCursor('other', '{}');
    expect([await known.cursor('one'), await known.cursor('other')]).toEqual(['second', '{}']);
  });
}

describe('memoryKnown', () => {
  knownContract(memoryKnown);
});

describe('sqliteKnown', () => {
  const open = () => {
    const database = new Libsql(':memory:');
    onTestFinished(() => void database.close());
    return database;
  };
  knownContract(() => sqliteKnown(open()));

  test('calls no driver for an argument of another type', async () => {
    const database = open();
    const known = sqliteKnown(database) as unknown as Loose;
    database.prepare = () => {
      throw new Error('The driver was called.');
    };
    await expect(known.get('tag', [{ a: 1 }])).rejects.toThrow(TypeError);
  });

  test.each(['BEGIN', 'BEGIN IMMEDIATE', 'SAVEPOINT mine'])(
    'waits until the application ends what it began with %s, and leaves its rows alone',
    async (begin) => {
      const database = open();
      const known = sqliteKnown(database);
      database.exec('CREATE TABLE orders (name TEXT)');
      database.exec(`${begin}; INSERT INTO orders VALUES ('undone')`);
      const put = known.put([record('r1')]);
      const set = known.setCursor('one', 'kept');
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(database.inTransaction).toBe(true);
      database.exec(begin === 'SAVEPOINT mine' ? 'ROLLBACK TO mine; RELEASE mine' : 'ROLLBACK');
      await Promise.all([put, set]);
      expect(database.prepare('SELECT * FROM orders').all()).toEqual([]);
      expect(await known.get('record', ['r1'])).toHaveLength(1);
      expect(await known.cursor('one')).toBe('kept');
    },
  );

  test('writes in the order of the calls, also after one that failed', async () => {
    const database = open();
    const known = sqliteKnown(database);
    database.exec('BEGIN');
    const first = known.setCursor('one', 'first');
    const second = known.setCursor('one', 'second');
    database.exec('COMMIT');
    await Promise.all([first, second]);
    expect(await known.cursor('one')).toBe('second');
    database.exec('ALTER TABLE blue_cursors RENAME TO away');
    await expect(known.setCursor('one', 'third')).rejects.toMatchObject({ name: 'DriverError' });
    database.exec('ALTER TABLE away RENAME TO blue_cursors');
    await known.setCursor('one', 'fourth');
    expect(await known.cursor('one')).toBe('fourth');
  });

  test('throws errors of the driver without the row', async () => {
    const database = open();
    const known = sqliteKnown(database);
    database.exec('DROP TABLE blue_known');
    const put = known.put([record('s3cret')]);
    await expect(put).rejects.toMatchObject({ name: 'DriverError', message: expect.not.stringContaining('s3cret') });
  });
});

describe.skipIf(!hasPostgres)(`postgresKnown${postgresMissing}`, () => {
  let server: PostgresServer;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const pool = (url = server.url) => {
    const pool = new pg.Pool({ connectionString: url });
    pool.on('error', () => {});
    onTestFinished(() => pool.end());
    return pool;
  };
  const newSchema = () => `known_${schemas++}`;
  knownContract(() => postgresKnown(pool(), { schema: newSchema() }));

  test('is what another process reads, and many processes may create it at the same time', async () => {
    const schema = newSchema();
    const stores = Array.from({ length: 20 }, () => postgresKnown(pool(), { schema }));
    await Promise.all(stores.map((known, place) => known.put([record('shared'), record(`r${place}`)])));
    for (const known of stores) expect(await known.list('record', 'p1')).toHaveLength(21);
  });

  test('concurrent writes of the same rows in another order do not fail', async () => {
    const schema = newSchema();
    const stores = Array.from({ length: 8 }, () => postgresKnown(pool(), { schema }));
    const entities = Array.from({ length: 200 }, (_, place) => record(`r${place}`));
    const writes = stores.flatMap((known, place) => {
      const rows = place % 2 === 0 ? entities : [...entities].reverse();
      return Array.from({ length: 10 }, () => known.put(rows));
    });
    await Promise.all(writes);
    expect(await stores[0]?.list('record', 'p1')).toHaveLength(200);
  });

  test('shares the schema of postgresStore, and needs no right to create once its tables exist', async () => {
    const schema = newSchema();
    await postgresKnown(pool(), { schema }).put([record('r1')]);
    await server.query(
      'CREATE ROLE reader LOGIN',
      `GRANT USAGE ON SCHEMA ${schema} TO reader`,
      `GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA ${schema} TO reader`,
    );
    const limited = postgresKnown(pool(server.url.replace('blue@', 'reader@')), { schema });
    await limited.put([record('r2')]);
    expect(await limited.list('record', 'p1')).toHaveLength(2);
  });

  test('rejects with errors of the driver without the row, and continues once the server is back', async () => {
    const own = await startPostgres();
    const known = postgresKnown(pool(own.url));
    await own.kill();
    const put = known.put([record('s3cret')]);
    await expect(put).rejects.toMatchObject({ name: 'DriverError', message: expect.not.stringContaining('s3cret') });
    await own.start();
    await known.put([record('r1')]);
    expect(await known.list('record', 'p1')).toEqual([record('r1')]);
    await own.query('DROP TABLE blue_webhooks.known');
    await expect(known.put([record('s3cret')])).rejects.toMatchObject({
      name: 'DriverError',
      message: expect.not.stringContaining('s3cret'),
    });
    await own.stop();
  });
});

test('postgresKnown throws TypeError for what is not a pool, and for an invalid schema', () => {
  expect(() => postgresKnown(undefined as never)).toThrow('postgresKnown needs a pool');
  const pool = { query: async () => ({ rows: [] }) };
  for (const schema of ['', 'a"b', 'x'.repeat(64), 1]) {
    expect(() => postgresKnown(pool, { schema: schema as string })).toThrow('schema must consist of');
  }
});
