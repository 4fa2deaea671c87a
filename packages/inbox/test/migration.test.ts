import Libsql from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteStore } from '../src/index';
import { eventually, inboxWith, post, signed } from './endpoint';
import { firstSchema } from './migration/first-schema';
import { scratchFile } from './scratch';

/** Creates a file of the first version of this package, with one waiting delivery. */
function firstVersion(path: string) {
  const database = new Libsql(path);
  onTestFinished(() => void database.close());
  database.exec(`PRAGMA journal_mode = WAL; ${firstSchema}
    INSERT INTO blue_deliveries (id, event, state, received_at, signature) VALUES ('old', 'NEW_EVENT', 'waiting', 1000, 'verified');
    INSERT INTO blue_bodies VALUES (1, CAST('{"event":"NEW_EVENT"}' AS BLOB));`);
  return database;
}

test('a file of the first version is read as it is, migrated by the first writer, and worked on', async () => {
  const path = scratchFile();
  firstVersion(path);
  const old = { state: 'waiting', rawBody: '{"event":"NEW_EVENT"}', trace: undefined, handled: [] };
  expect(await sqliteStore(path, { readOnly: true }).get('old')).toMatchObject(old);
  expect(await sqliteStore(path, { readOnly: true }).paused()).toEqual([]);
  const { inbox } = inboxWith({ store: sqliteStore(path) });
  expect(await inbox.get('old')).toMatchObject(old);
  await inbox.start();
  expect(await post(inbox, await signed())).toBe(204);
  await eventually(async () => (await inbox.stats()).done === 2);
  await inbox.pause({ event: 'NEW_EVENT', reason: 'down' });
  expect(await sqliteStore(path, { readOnly: true }).paused()).toMatchObject([{ event: 'NEW_EVENT', reason: 'down' }]);
});

test('several openings that migrate concurrently migrate once', async () => {
  const path = scratchFile();
  firstVersion(path);
  const stores = [sqliteStore(path), sqliteStore(path), sqliteStore(path)];
  await Promise.all(stores.map((store) => store.open()));
  for (const store of stores) await store.close();
  expect(await sqliteStore(path, { readOnly: true }).stats()).toMatchObject({ waiting: 1 });
});

test('a file of a newer version is refused by name, at start and at the first delivery, and stays as it is', async () => {
  const path = scratchFile();
  firstVersion(path).exec('INSERT INTO blue_inbox_version VALUES (99, 0)');
  const { inbox, heard } = inboxWith({ store: sqliteStore(path) });
  await expect(inbox.start()).rejects.toMatchObject({ name: 'StoreError', code: 'NEWER_INBOX' });
  expect(await post(inbox, await signed())).toBe(503);
  expect(heard('store-failed')).toMatchObject([{ error: { code: 'NEWER_INBOX' } }]);
});
