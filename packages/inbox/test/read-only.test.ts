import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type InboxStore, type SqliteDatabase, StoreError, sqliteStore } from '../src/index';
import { inboxWith, post, signed } from './endpoint';
import { scratchFile } from './scratch';

const readOnly = (path: string) => sqliteStore(path, { readOnly: true });

/** The bytes of every file in a database's folder, by name. */
function bytesBeside(path: string): Record<string, string> {
  const folder = dirname(path);
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`, 'base64')]));
}

/** An inbox's file with two deliveries that no process has open. */
async function closedInbox(path = scratchFile()): Promise<{ path: string; ids: string[] }> {
  const { inbox } = inboxWith({ store: sqliteStore(path) });
  const sent = [await signed(), await signed()];
  for (const one of sent) expect(await post(inbox, one)).toBe(204);
  await inbox.stop();
  return { path, ids: sent.map(({ id }) => id) };
}

/** Another program's database. */
function foreign(path: string, sql = 'CREATE TABLE customers (name TEXT)'): SqliteDatabase {
  const database = new Libsql(path);
  database.exec(sql);
  onTestFinished(() => void database.close());
  return database;
}

/** Copies the files of another program's database while it is open. */
function crashed(path: string, ends: readonly string[]): void {
  const original = scratchFile();
  foreign(original, 'PRAGMA journal_mode = WAL; CREATE TABLE a (b); INSERT INTO a VALUES (1)');
  for (const end of ends) cpSync(`${original}${end}`, `${path}${end}`);
}

describe('sqliteStore with readOnly', () => {
  test('lists, shows and counts deliveries of a closed file, and leaves no file and no byte behind', async () => {
    const { path, ids } = await closedInbox();
    const before = bytesBeside(path);
    const store = readOnly(path);
    await store.open();
    expect((await store.list({})).deliveries.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect((await store.get(ids[0] ?? ''))?.rawBody).toContain('TODO_MOVED');
    expect(await store.stats()).toMatchObject({ waiting: 2, done: 0 });
    await store.close();
    expect(bytesBeside(path)).toEqual(before);
  });

  test('shows what a process that has the file open has just stored', async () => {
    const path = scratchFile();
    const { inbox } = inboxWith({ store: sqliteStore(path) });
    const store = readOnly(path);
    for (let stored = 1; stored <= 3; stored++) {
      expect(await post(inbox, await signed())).toBe(204);
      expect((await store.stats()).waiting).toBe(stored);
    }
  });

  test('reads through a symbolic link, from a closed file and from one that a process has open', async () => {
    const { path, ids } = await closedInbox();
    const link = `${scratchFile()}.link`;
    symlinkSync(path, link);
    const before = bytesBeside(path);
    expect((await readOnly(link).stats()).waiting).toBe(ids.length);
    expect(bytesBeside(path)).toEqual(before);
    const { inbox } = inboxWith({ store: sqliteStore(path) });
    expect(await post(inbox, await signed())).toBe(204);
    expect((await readOnly(link).stats()).waiting).toBe(ids.length + 1);
  });

  test('finds a path with spaces, percent signs, question marks and hashes', async () => {
    const { path, ids } = await closedInbox(`${scratchFile()} 100%25?mode=rwc#x.db`);
    expect((await readOnly(path).list({})).deliveries).toHaveLength(ids.length);
  });

  test.each<[string, (store: InboxStore) => Promise<unknown>]>([
    ['replay', (store) => store.replay({ ids: ['x'] })],
    ['markDead', (store) => store.markDead('x')],
    ['prune', (store) => store.prune({ before: new Date(), states: ['done'], forgetBefore: new Date() })],
    ['lease', (store) => store.lease({ limit: 1, leaseMs: 1_000, findStale: false })],
    ['probe', (store) => store.probe()],
  ])('rejects %s with READ_ONLY', async (_name, call) => {
    const { path } = await closedInbox();
    const before = bytesBeside(path);
    await expect(call(readOnly(path))).rejects.toMatchObject({ name: 'StoreError', code: 'READ_ONLY' });
    expect(bytesBeside(path)).toEqual(before);
  });

  test.each<[string, (path: string) => unknown]>([
    ['a database of another program', (path) => foreign(path)],
    [
      'a database of another program in WAL mode',
      (path) => foreign(path, 'PRAGMA journal_mode = WAL; CREATE TABLE a (b)'),
    ],
    ['a closed database in WAL mode', (path) => foreign(path, 'PRAGMA journal_mode = WAL; CREATE TABLE a (b)').close()],
    ['a database with a table of the same name', (path) => foreign(path, 'CREATE TABLE blue_inbox_version (version)')],
    ['what a crashed program left of a database in WAL mode', (path) => crashed(path, ['', '-wal'])],
    ['the same with its shared memory', (path) => crashed(path, ['', '-wal', '-shm'])],
    ['a text file', (path) => writeFileSync(path, 'not a database. '.repeat(500))],
    ['an empty file', (path) => writeFileSync(path, '')],
  ])('refuses %s as not an inbox database, and changes none of its bytes', async (_what, create) => {
    const path = scratchFile();
    create(path);
    const before = bytesBeside(path);
    for (const call of [
      readOnly(path).open(),
      readOnly(path).stats(),
      readOnly(path).list({}),
      readOnly(path).get('x'),
    ]) {
      const error = await call.then(undefined, (thrown: unknown) => thrown);
      expect(StoreError.is(error) && error.code).toBe('NOT_AN_INBOX');
      expect((error as Error).message).toContain('is not an inbox database');
    }
    expect(bytesBeside(path)).toEqual(before);
  });

  test('refuses a folder', async () => {
    await expect(readOnly(dirname(scratchFile())).open()).rejects.toMatchObject({ code: 'NOT_AN_INBOX' });
  });

  test('refuses a path without a file, and creates none', async () => {
    const path = scratchFile();
    await expect(readOnly(path).stats()).rejects.toMatchObject({ code: 'NO_FILE' });
    expect(existsSync(path)).toBe(false);
  });

  test('refuses an inbox of a newer version', async () => {
    const { path } = await closedInbox();
    foreign(path, 'INSERT INTO blue_inbox_version VALUES (99, 0)').close();
    await expect(readOnly(path).open()).rejects.toMatchObject({ code: 'NEWER_INBOX' });
  });

  test('reads what a crashed process has left in its log', async () => {
    const path = scratchFile();
    const copy = scratchFile();
    const { inbox } = inboxWith({ store: sqliteStore(path) });
    expect(await post(inbox, await signed())).toBe(204);
    for (const end of ['', '-wal']) cpSync(`${path}${end}`, `${copy}${end}`);
    expect(await readOnly(copy).stats()).toMatchObject({ waiting: 1 });
  });

  test('needs a path, and a boolean', () => {
    expect(() => sqliteStore(foreign(scratchFile()), { readOnly: true })).toThrow(TypeError);
    expect(() => sqliteStore('inbox.db', { readOnly: 'yes' as never })).toThrow(TypeError);
  });
});
