import { deepStrictEqual, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, type SqliteDatabase, sqliteStore } from '../../src/index';

const pragmas = ['journal_mode', 'synchronous', 'busy_timeout', 'fullfsync'];

/** Delivers while the application has a transaction open on the handle that it shares: its row and its settings are kept. */
export async function sharedHandle(database: SqliteDatabase): Promise<void> {
  const rows = (sql: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => ({ ...(row as object) }));
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = OFF');
  database.exec('PRAGMA busy_timeout = 3000');
  database.exec('CREATE TABLE orders (name TEXT)');
  const settings = () => pragmas.map((pragma) => rows(`PRAGMA ${pragma}`));
  const before = settings();
  const inbox = createInbox({
    receiver: createReceiver({ allowUnsigned: true }).onUnknown(() => {}),
    store: sqliteStore(database, { busyTimeoutMs: 1_000 }),
  });
  let count = 0;
  const deliver = async () => {
    count += 1;
    const body = JSON.stringify({ event: `NEW ${count}` });
    return (await inbox.fetch(new Request('http://localhost/', { method: 'POST', body }))).status;
  };
  await inbox.start();
  deepStrictEqual(await deliver(), 204);
  database.exec('BEGIN');
  database.exec("INSERT INTO orders VALUES ('kept')");
  const waiting = deliver();
  await sleep(100);
  database.exec('COMMIT');
  deepStrictEqual(await waiting, 204);
  database.exec('BEGIN');
  database.exec("INSERT INTO orders VALUES ('kept, too')");
  deepStrictEqual(await deliver(), 503);
  database.exec('COMMIT');
  deepStrictEqual(rows('SELECT name FROM orders'), [{ name: 'kept' }, { name: 'kept, too' }]);
  deepStrictEqual(settings(), before);
  ok((await inbox.stats()).dead === 0);
  await inbox.stop();
}
