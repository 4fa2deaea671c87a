import { existsSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { BlueEvent } from '@blue-webhooks/core';
import Libsql from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqliteLedger } from '../src/index';
import { openSqlite } from '../src/sqlite/driver';
import { drivers } from './drivers';
import { post, signed } from './endpoint';
import { exactlyOnce, receiverWith, tokenOf } from './ledger/exactly-once';
import { scratchFile } from './scratch';

test('an event has one transaction handler', () => {
  const ledger = sqliteLedger(scratchFile());
  const handler = ledger.transaction<BlueEvent>(() => {});
  const { receiver } = receiverWith(ledger);
  receiver.on(['TODO_MOVED', 'TODO_CREATED'], { name: 'first' }, handler);
  expect(() =>
    receiver.on(
      'TODO_CREATED',
      ledger.transaction(() => {}),
    ),
  ).toThrow('TODO_CREATED has a transaction handler of a ledger already');
  receiver.on(
    'TODO_DELETED',
    ledger.transaction(() => {}),
  );
  receiver.off(handler);
  receiver.on(
    'TODO_CREATED',
    ledger.transaction(() => {}),
  );
});

describe.each(drivers)('sqliteLedger through $name', ({ create }) => {
  exactlyOnce(async () => {
    const path = scratchFile();
    await sqliteLedger(create(path)).open();
    const database = new Libsql(path);
    onTestFinished(() => void database.close());
    database.exec('PRAGMA busy_timeout = 2000; CREATE TABLE effects (delivery_id TEXT)');
    const rows = (sql: string) => database.prepare(sql).all() as { id: string; rows: number }[];
    return {
      ledger: (options) => sqliteLedger(create(path), options),
      insert: (tx, id) => tx.run('INSERT INTO effects VALUES (?)', id),
      all: async () => rows('SELECT delivery_id AS id FROM effects').map(({ id }) => id),
      rows: async () => rows('SELECT count(*) AS rows FROM blue_ledger')[0]?.rows ?? 0,
      async finish(id, token, { rollBack } = {}) {
        const ledger = sqliteLedger(create(path));
        database.exec('BEGIN IMMEDIATE');
        try {
          database.prepare('INSERT INTO effects VALUES (?)').run(id);
          expect(ledger.finish(id, token, { tx: database })).toBe('finished');
          if (rollBack) throw new Error('roll back');
          database.exec('COMMIT');
        } catch (error) {
          database.exec('ROLLBACK');
          if (!rollBack) throw error;
        }
      },
      setVersion: async (version) => void database.exec(`INSERT INTO blue_ledger_version VALUES (${version}, 0)`),
    };
  });

  test('a handle on which no transaction is open is refused: the two would not be committed together', async () => {
    const path = scratchFile();
    const ledger = sqliteLedger(create(path));
    const token = await tokenOf(ledger, 'a');
    const database = new Libsql(path);
    onTestFinished(() => void database.close());
    expect(() => ledger.finish('a', token, { tx: database })).toThrow('on which the transaction is open');
    expect(await ledger.begin('a')).toEqual({ state: 'in-progress' });
    database.transaction(() => ledger.finish('a', token, { tx: database }))();
    expect(await ledger.begin('a')).toEqual({ state: 'done' });
  });

  test('a handler that is async writes nothing', async () => {
    const path = scratchFile();
    const ledger = sqliteLedger(create(path));
    const { receiver, failures } = receiverWith(ledger);
    receiver.on(
      'TODO_MOVED',
      ledger.transaction(async () => sleep(1)),
    );
    expect(await post(receiver, await signed())).toBe(500);
    expect(inspect(failures)).toContain('must not be async');
  });
});

describe('the file of a ledger', () => {
  test('is readable for its owner only; what was changed is a warning', async () => {
    const path = scratchFile();
    writeFileSync(path, '', { mode: 0o644 });
    const ledger = sqliteLedger(path);
    expect(ledger.warnings).toEqual([]);
    await ledger.begin('a');
    for (const end of ['', '-wal', '-shm']) {
      if (existsSync(`${path}${end}`)) expect(statSync(`${path}${end}`).mode & 0o077).toBe(0);
    }
    expect(ledger.warnings).toEqual([expect.stringContaining('its mode was changed from 644 to 600')]);
    await ledger.close();
  });

  test('that is another program’s is refused by name, and used once it is repaired', async () => {
    const path = scratchFile();
    writeFileSync(path, 'this is not a database, but a text that is long enough to be read as one');
    const ledger = sqliteLedger(path);
    await expect(ledger.open()).rejects.toMatchObject({ code: 'NOT_AN_INBOX' });
    writeFileSync(path, '');
    expect(await ledger.begin('a')).toMatchObject({ state: 'new' });
    await ledger.close();
  });

  test('that stays locked is reported within a second, and the delivery is handled', async () => {
    const path = scratchFile();
    const ledger = sqliteLedger(path);
    await ledger.open();
    const beside = await openSqlite(path);
    onTestFinished(() => void beside.close());
    beside.exec('BEGIN IMMEDIATE');
    const { receiver, codes } = receiverWith(ledger);
    receiver.on('TODO_MOVED', () => {});
    expect(await post(receiver, await signed())).toBe(204);
    expect(codes()).toEqual(['LEDGER_FAILED']);
    beside.exec('COMMIT');
    await sleep(50);
    const delivery = await signed();
    expect(await post(receiver, delivery)).toBe(204);
    expect(await ledger.begin(delivery.id)).toEqual({ state: 'done' });
  });

  test.each([
    ['', {}],
    [':memory:', {}],
    [undefined, {}],
    [{ exec() {} }, {}],
    ['a.db', null],
    ['a.db', { ttlMs: 0 }],
    ['a.db', { leaseMs: '8000' }],
    ['a.db', { busyTimeoutMs: -1 }],
  ])('%o with %o is a TypeError', (source, options) => {
    expect(() => sqliteLedger(source as string, options as object)).toThrow(TypeError);
  });

  test.each([null, {}, 'a.db', 7])('a tx that is %o is a TypeError that names the handle', (tx) => {
    expect(() => sqliteLedger('a.db').finish('a', 'b', { tx: tx as never })).toThrow('tx must be the handle');
  });
});
