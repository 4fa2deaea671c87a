import { runInNewContext } from 'node:vm';
import { memoryKnown, sqliteKnown } from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { parseVerified } from '@blue-webhooks/core/adapter';
import Libsql from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lived } from './lived';
import { afterAnHourOff } from './mirror';

describe('catchUp', () => {
  test('learns on its first full run, and hands nothing on that is older than `since`', async () => {
    const { run, names } = await lived();
    expect(await run()).toMatchObject({ repaired: 0, unknownKind: 0 });
    expect(names()).toEqual([]);
  });

  test('splits a net change into one event each, which say what changed and end at the present row', async () => {
    const { blue, run, events, names, record, later } = await lived();
    const before = record();
    const other = blue.api
      .rows('list')
      .find(({ id }) => id !== (before as unknown as { todoListId: string }).todoListId);
    const done = !(before as unknown as { done: boolean }).done;
    blue.api.patch('record', before.id, {
      title: 'Renamed',
      todoListId: other?.id,
      done,
      html: '<p>x</p>',
      updatedAt: later(),
    });
    expect(await run({ mode: 'changed' })).toMatchObject({ repaired: 3, unknownKind: 0 });
    expect(names()).toEqual(['TODO_NAME_CHANGED', 'TODO_MOVED', 'TODO_DONE_STATUS_UPDATED']);
    const [first, , last] = events() as unknown as Record<'previousValue' | 'currentValue', Record<string, unknown>>[];
    expect([first?.previousValue.title, first?.currentValue.title, first?.currentValue.done]).toEqual([
      before.title,
      'Renamed',
      !done,
    ]);
    expect(last?.currentValue).toMatchObject({ title: 'Renamed', todoListId: other?.id, done, html: '<p>x</p>' });
  });

  test('marks events as backfill, with partial rows without drift and only ids that the API returned', async () => {
    const { blue, run, handed, record, later } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    await run();
    expect(handed).toMatchObject([{ signature: 'backfill', secretId: undefined, attempt: undefined }]);
    expect(handed[0]?.id).toMatch(/^[0-9a-f]{32}$/);
    const { drift } = parseVerified(handed[0]?.rawBody ?? '');
    expect(drift).toEqual([]);
  });

  test('hands a change without an event on as UNKNOWN with a reason', async () => {
    const { blue, run, names, record, later } = await lived();
    blue.api.patch('record', record().id, { archived: true, updatedAt: later() });
    expect(await run()).toMatchObject({ unknownKind: 1, repaired: 1, deleted: 0 });
    expect(names()).toEqual(['UNKNOWN NO_EVENT_FOR_CHANGE']);
  });

  test('hands a changed record on as UNKNOWN where no earlier row is known', async () => {
    const { blue, run, names, record, later } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    expect(await run({ known: memoryKnown(), mode: 'changed' })).toMatchObject({ unknownKind: 1 });
    expect(names()).toEqual(['UNKNOWN NO_EARLIER_ROW']);
  });

  test.each(['todo', 'metadata', 'nowhere'] as const)(
    'reports a deleted record where the feed names it in %s',
    async (removalNames) => {
      const { blue, run, names } = await lived({ removalNames });
      const { id } = blue.api.rows('record')[1] as { id: string };
      const row = blue.api.rows('record').find((each) => each.id === id);
      blue.disable();
      await blue.emit({ event: 'TODO_DELETED', previousValue: row, currentValue: null } as { event: string });
      expect(await run({ mode: 'changed' })).toMatchObject({ deleted: 1, deletedUnresolved: 0 });
      expect(names()).toEqual(['TODO_DELETED']);
      expect(await run()).toMatchObject({ deleted: 0, repaired: 0 });
    },
  );

  test('does not report what a user may no longer see as deleted', async () => {
    const { blue, run, names, record } = await lived();
    blue.api.hide(record().id);
    expect(await run()).toMatchObject({ deleted: 0, deletedUnresolved: 1 });
    expect(names()).toEqual([]);
    blue.api.show(record().id);
    expect(await run()).toMatchObject({ repaired: 0, restored: 0 });
  });

  test('does not guess which of two absent records was deleted', async () => {
    const { blue, run, names } = await lived({ removalNames: 'nowhere' });
    const [one, other] = blue.api.rows('record') as { id: string }[];
    blue.disable();
    await blue.emit({ event: 'TODO_DELETED', previousValue: one, currentValue: null } as { event: string });
    blue.api.hide(other?.id ?? '');
    expect(await run()).toMatchObject({ deleted: 0, deletedUnresolved: 2 });
    expect(names()).toEqual([]);
  });

  test('counts what was deleted and is there again as restored', async () => {
    const { blue, run, names } = await lived();
    const row = blue.api.rows('record')[1] as { id: string };
    blue.disable();
    await blue.emit({ event: 'TODO_DELETED', previousValue: row, currentValue: null } as { event: string });
    await run();
    blue.api.restore(row.id);
    const { restored } = await run();
    expect(restored).toBeGreaterThan(0); // and what hangs on it
    expect(new Set(names())).toEqual(new Set(['TODO_DELETED', 'UNKNOWN RESTORED']));
    expect(await run()).toMatchObject({ restored: 0, repaired: 0 });
  });

  test('lists a workspace that cannot be read as unreachable, and does not move its cursor', async () => {
    const { blue, run, record } = await lived();
    const list = blue.api.rows('list')[0] as { projectId: string };
    blue.api.removeMember(list.projectId);
    const report = await run({ projects: [list.projectId] });
    expect(report).toMatchObject({ unreachable: [list.projectId], deleted: 0, repaired: 0, cursor: '{}' });
    expect(record()).toBeDefined();
  });

  test('continues from the cursor in `known`, or from that of a report', async () => {
    const { blue, clock, run, known, record, later } = await lived();
    const { cursor } = await run();
    await clock.sleep(3_600_000);
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    const from = { since: undefined, mode: 'changed' } as unknown as { mode: 'changed' };
    expect(await run({ ...from, dryRun: true, cursor })).toMatchObject({ repaired: 1 });
    expect(await run({ ...from, known })).toMatchObject({ repaired: 1 });
    expect(await run({ ...from, known: memoryKnown() })).toMatchObject({
      incomplete: [{ reason: 'NO_CURSOR: pass `since`.' }],
    });
  });

  test('counts without passing on or storing with dryRun', async () => {
    const { blue, run, names, record, later } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    expect(await run({ dryRun: true })).toMatchObject({ repaired: 1 });
    expect(names()).toEqual([]);
    expect(await run()).toMatchObject({ repaired: 1 });
  });

  test('hands an event on again whose handler failed', async () => {
    const { blue, run, record, later } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed', updatedAt: later() });
    const failures: unknown[] = [];
    const failing = createReceiver({ allowUnsigned: true }).on('TODO_NAME_CHANGED', () =>
      Promise.reject(new Error('bug')),
    );
    const report = await run({ to: failing, onFailure: (error) => failures.push(error) });
    expect(report).toMatchObject({
      repaired: 0,
      failed: 1,
      incomplete: [{ reason: 'HANDLER_FAILED: see `onFailure`.' }],
    });
    expect(failures).toMatchObject([{ message: 'bug' }]);
    expect(await run()).toMatchObject({ repaired: 1, failed: 0 });
  });

  test('counts the changes that only a full scan finds', async () => {
    const { blue, run, record } = await lived();
    blue.api.patch('record', record().id, { title: 'Renamed' }); // updatedAt has not moved
    expect(await run({ mode: 'changed' })).toMatchObject({ repaired: 0, foundByFullScan: 0 });
    expect(await run()).toMatchObject({ repaired: 1, foundByFullScan: 1 });
  });

  test('takes a Date of another realm, such as a test environment’s', async () => {
    const { run } = await lived({}, 1);
    const since = runInNewContext('new Date(at)', { at: Date.now() - 60_000 }) as Date;
    expect(since instanceof Date).toBe(false);
    expect(await run({ since })).toMatchObject({ failed: 0 });
  });

  test('throws TypeError for invalid options', async () => {
    const { run } = await lived({}, 1);
    await expect(run({ to: {} as never })).rejects.toThrow('`to` must be an inbox');
    await expect(run({ since: new Date('nonsense') })).rejects.toThrow('`since` must be a valid Date');
    await expect(run({ since: 'yesterday' as never })).rejects.toThrow('`since` must be a valid Date');
    await expect(run({ projects: [''] })).rejects.toThrow('`projects`');
    await expect(run({ since: undefined as never, cursor: 'nonsense' })).rejects.toThrow('`cursor`');
  });
});

/** A store as plain JavaScript calls it. */
type Loose = Record<'get' | 'list' | 'put' | 'cursor' | 'setCursor', (...given: unknown[]) => Promise<unknown>>;

describe('sqliteKnown', () => {
  test('keeps what memoryKnown keeps', async () => {
    const database = new Libsql(':memory:');
    const stores = [memoryKnown(), sqliteKnown(database)];
    const results = [];
    for (const known of stores) {
      const row = { id: 'r1', title: 'Zoë 📄', nested: { list: [1, null] } };
      await known.put([
        { kind: 'record', id: 'r1', projectId: 'p1', parentId: 'l1', row },
        { kind: 'tag', id: 'r1', projectId: 'p1', parentId: undefined, row: { id: 'r1' } },
      ]);
      await known.put([
        { kind: 'record', id: 'r1', projectId: 'p2', parentId: undefined, row, deletedAtMs: 1_768_300_000_000 },
      ]);
      await known.setCursor('one', 'first');
      await known.setCursor('one', 'second');
      results.push([
        await known.list('record', 'p1'),
        await known.list('record', 'p2'),
        await known.get('tag', ['r1', 'nope']),
        [await known.cursor('one'), await known.cursor('other')],
      ]);
    }
    expect(results[1]).toEqual(results[0]);
    database.close();
  });

  test('rejects every argument of another type with a TypeError, before the driver is called', async () => {
    const database = new Libsql(':memory:');
    onTestFinished(() => void database.close());
    const known = sqliteKnown(database) as unknown as Loose;
    database.prepare = () => {
      throw new Error('The driver was called.');
    };
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

  test.each(['BEGIN', 'BEGIN IMMEDIATE', 'SAVEPOINT mine'])(
    'waits until the application ends what it began with %s, and leaves its rows alone',
    async (begin) => {
      const database = new Libsql(':memory:');
      onTestFinished(() => void database.close());
      const known = sqliteKnown(database);
      database.exec('CREATE TABLE orders (name TEXT)');
      database.exec(`${begin}; INSERT INTO orders VALUES ('undone')`);
      const put = known.put([{ kind: 'tag', id: 't', projectId: 'p', parentId: undefined, row: { id: 't' } }]);
      const set = known.setCursor('one', 'kept');
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(database.inTransaction).toBe(true);
      database.exec(begin === 'SAVEPOINT mine' ? 'ROLLBACK TO mine; RELEASE mine' : 'ROLLBACK');
      await Promise.all([put, set]);
      expect(database.prepare('SELECT * FROM orders').all()).toEqual([]);
      expect(await known.get('tag', ['t'])).toHaveLength(1);
      expect(await known.cursor('one')).toBe('kept');
    },
  );

  test('writes in the order of the calls, also after one that failed', async () => {
    const database = new Libsql(':memory:');
    onTestFinished(() => void database.close());
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
    const database = new Libsql(':memory:');
    const known = sqliteKnown(database);
    database.exec('DROP TABLE blue_known');
    const put = known.put([{ kind: 'tag', id: 's3cret', projectId: 'p', parentId: undefined, row: { id: 's3cret' } }]);
    await expect(put).rejects.toMatchObject({ name: 'DriverError', message: expect.not.stringContaining('s3cret') });
    database.close();
  });
});

test('followKnown keeps the newer of two rows that arrive out of order', async () => {
  const known = memoryKnown();
  const { blue } = await afterAnHourOff(2, {}, known, 2);
  const records = await known.list('record', (blue.api.rows('list')[0] as { projectId: string }).projectId);
  expect(records.length).toBeGreaterThan(0);
});
