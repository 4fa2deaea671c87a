import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type InboxStore, sqliteStore } from '../src/index';
import { openBeside } from './beside';
import { eventually, healthCheck, inboxWith, moved, post, secret, signed } from './endpoint';
import { scratchFile } from './scratch';

const quick = { busyTimeoutMs: 50 };

describe('the file', () => {
  test('is readable for its owner only, with its -wal and -shm', async () => {
    const path = scratchFile();
    const { inbox } = inboxWith({ store: sqliteStore(path) });
    expect(await post(inbox, await signed())).toBe(204);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('contains the body to the last byte, and no secret and no signature', async () => {
    const path = scratchFile();
    const { inbox } = inboxWith({ store: sqliteStore(path), retry: { maxAttempts: 1 } }, ({ rawBody }) => {
      if (rawBody.includes('poison')) throw new Error('poisoned');
    });
    await inbox.start();
    const sent = [await signed(moved('Zoë 😀')), await signed(moved('poison')), await healthCheck()];
    for (const one of sent) expect(await post(inbox, one)).toBe(204);
    await eventually(async () => (await inbox.stats()).done + (await inbox.stats()).dead === 2);
    const stored = ['', '-wal'].map((end) => readFileSync(`${path}${end}`));
    const holds = (bytes: Buffer | string) => stored.some((file) => file.includes(bytes));
    expect(holds(Buffer.from(sent[0]?.body ?? ''))).toBe(true);
    expect(holds(secret)).toBe(false);
    for (const { headers } of sent) {
      const signature = headers['x-signature'];
      const bytes = Buffer.from(signature, 'hex');
      for (const form of [signature, signature.slice(32), bytes, bytes.toString('base64')])
        expect(holds(form)).toBe(false);
    }
  });

  test('is not a folder, whose mode stays as it is', async () => {
    const folder = dirname(scratchFile());
    chmodSync(folder, 0o755);
    await expect(sqliteStore(folder).open()).rejects.toMatchObject({ code: 'CANNOT_OPEN' });
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });

  test('is not written to while no delivery is due', async () => {
    const path = scratchFile();
    const store = sqliteStore(path);
    let looks = 0;
    const lease: InboxStore['lease'] = (request) => {
      looks += 1;
      return store.lease(request);
    };
    const { inbox } = inboxWith({ store: { ...store, lease }, pollMs: 1 });
    await inbox.start();
    expect(await post(inbox, await signed())).toBe(204);
    await eventually(async () => (await inbox.stats()).done === 1);
    const beside = openBeside(path);
    const version = () => beside.prepare('PRAGMA data_version').all();
    const before = version();
    looks = 0;
    await eventually(() => looks >= 20);
    expect(version()).toEqual(before);
  });

  test.each(['blue_deliveries', 'blue_bodies'])(
    'to which %s cannot be written is answered 503 to a health check as to a delivery',
    async (table) => {
      const path = scratchFile();
      const { inbox } = inboxWith({ store: sqliteStore(path) });
      expect(await post(inbox, await healthCheck())).toBe(204);
      openBeside(path).exec(
        `CREATE TRIGGER refuse BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'refused'); END`,
      );
      expect(await post(inbox, await signed())).toBe(503);
      expect(await post(inbox, await healthCheck())).toBe(503);
      expect(await inbox.health()).toMatchObject({ store: 'failed' });
    },
  );

  test('is refused if a newer version wrote it, with what to do', async () => {
    const path = scratchFile();
    await sqliteStore(path).open();
    openBeside(path).exec('INSERT INTO blue_inbox_version VALUES (99, 0)');
    await expect(sqliteStore(path).open()).rejects.toThrow('written by a newer @blue-webhooks/inbox');
  });

  test('stays the same one when it is opened again after the process has changed its folder', async () => {
    const path = scratchFile();
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(dirname(path));
    const { inbox } = inboxWith({ store: sqliteStore(basename(path)) });
    expect(await post(inbox, await signed())).toBe(204);
    process.chdir(before);
    expect(await post(inbox, await signed())).toBe(204);
    await inbox.stop();
    expect(await post(inbox, await signed())).toBe(204);
    expect(existsSync(basename(path))).toBe(false);
    expect((await sqliteStore(path).stats()).waiting).toBe(3);
  });

  test.each([
    'file:inbox.db',
    'file:///tmp/inbox.db?mode=memory',
    'FILE:inbox.db',
    'libsql://example.com',
    'https://a/b',
  ])('the URL %s is not accepted as a path', (url) => {
    for (const readOnly of [false, true]) expect(() => sqliteStore(url, { readOnly })).toThrow('not a URL');
  });

  test.each(['', ':memory:', undefined, 7, {}])('%j is not accepted as a path', (source) => {
    expect(() => sqliteStore(source as string)).toThrow(TypeError);
  });

  test('a handle on a database in memory is refused', async () => {
    await expect(sqliteStore(openBeside(':memory:')).open()).rejects.toThrow('a file on a local disk');
  });
});

describe('while another program keeps the file locked', () => {
  test('returns 503 for a delivery and a health check, and 204 once it is unlocked; stored deliveries are there', async () => {
    const path = scratchFile();
    const { inbox, heard } = inboxWith({ store: sqliteStore(path, quick) });
    const [before, during] = [await signed(), await signed()];
    expect(await post(inbox, before)).toBe(204);
    const beside = openBeside(path);
    beside.exec('BEGIN EXCLUSIVE');
    expect(await post(inbox, during)).toBe(503);
    expect(await post(inbox, await healthCheck())).toBe(503);
    expect(heard('store-failed')).toHaveLength(2);
    expect((await inbox.list()).deliveries.map(({ id }) => id)).toEqual([before.id]);
    beside.exec('ROLLBACK');
    expect(await post(inbox, during)).toBe(204);
    expect(await post(inbox, await healthCheck())).toBe(204);
    expect((await inbox.stats()).waiting).toBe(2);
  });

  test('a delivery waits, and is stored as soon as the file is unlocked', async () => {
    const path = scratchFile();
    const database = openBeside(path);
    const { inbox, heard } = inboxWith({ store: sqliteStore(database) });
    await post(inbox, await healthCheck());
    const beside = openBeside(path);
    beside.exec('BEGIN IMMEDIATE');
    const tries = vi.spyOn(database, 'exec');
    const status = post(inbox, await signed());
    await eventually(() => tries.mock.results.some(({ type }) => type === 'throw'));
    beside.exec('COMMIT');
    expect(await status).toBe(204);
    expect(heard('store-failed')).toEqual([]);
  });

  test('a handler that has succeeded is not run again: its success is stored afterwards', async () => {
    const path = scratchFile();
    const beside = openBeside(path);
    let runs = 0;
    const { inbox, heard } = inboxWith({ store: sqliteStore(path, quick) }, () => {
      runs += 1;
      beside.exec('BEGIN EXCLUSIVE');
    });
    await inbox.start();
    const sent = await signed();
    expect(await post(inbox, sent)).toBe(204);
    await eventually(() => heard('store-failed').length > 0);
    beside.exec('ROLLBACK');
    await eventually(async () => (await inbox.get(sent.id))?.state === 'done');
    expect(runs).toBe(1);
  });
});

describe('a full disk', () => {
  // SQLite's own limit. `npm run check:long -- inbox full` fills a real disk.
  function limited(path: string): { store: InboxStore; fill(): void; makeRoom(): void } {
    const database = openBeside(path);
    const pages = () => (database.prepare('PRAGMA page_count').all() as { page_count: number }[])[0]?.page_count;
    return {
      store: sqliteStore(database),
      fill: () => database.exec(`PRAGMA max_page_count = ${pages()}`),
      makeRoom: () => database.exec('PRAGMA max_page_count = 1000000'),
    };
  }

  test('returns 503 for small and large deliveries, and 204 once there is space; stored deliveries are handled', async () => {
    const { store, fill, makeRoom } = limited(scratchFile());
    const handled: string[] = [];
    const { inbox } = inboxWith({ store }, ({ id }) => handled.push(id));
    const before = await signed();
    expect(await post(inbox, before)).toBe(204);
    fill();
    const large = await Promise.all([1, 2, 3].map((i) => signed(moved(`record ${i}`, { html: 'x'.repeat(50_000) }))));
    const refused = await Promise.all(large.map((one) => post(inbox, one)));
    expect(refused).toEqual([503, 503, 503]);
    makeRoom();
    for (const one of large) expect(await post(inbox, one)).toBe(204);
    await inbox.start();
    await eventually(async () => (await inbox.stats()).done === 4);
    expect(handled.sort()).toEqual([before, ...large].map(({ id }) => id).sort());
  });

  test('refuses only deliveries that do not fit', async () => {
    const { store, fill } = limited(scratchFile());
    const { inbox } = inboxWith({ store });
    expect(await post(inbox, await signed())).toBe(204);
    fill();
    const [large, small] = [
      await signed(moved('a', { html: 'x'.repeat(50_000) })),
      await signed({ event: 'TODO_ARCHIVED' }),
    ];
    expect(await Promise.all([post(inbox, large), post(inbox, small)])).toEqual([503, 204]);
    expect((await inbox.list()).deliveries).toHaveLength(2);
  });
});

describe('a damaged file', () => {
  test('returns 503 and lets no inbox start, until it is moved away: then the inbox continues by itself', async () => {
    const path = scratchFile();
    writeFileSync(path, 'This is not a database. '.repeat(500));
    const { inbox } = inboxWith({ store: sqliteStore(path) });
    await expect(inbox.start()).rejects.toThrow(/cannot be opened.*not a database/);
    const sent = await signed();
    expect(await post(inbox, sent)).toBe(503);
    expect(await post(inbox, await healthCheck())).toBe(503);
    renameSync(path, `${path}.damaged`);
    expect(await post(inbox, sent)).toBe(204);
    await inbox.start();
    await eventually(async () => (await inbox.stats()).done === 1);
  });

  test('returns 503, never 204, if only its first page is intact', async () => {
    const path = scratchFile();
    const { inbox } = inboxWith({ store: sqliteStore(path) });
    const sent = await signed();
    expect(await post(inbox, sent)).toBe(204);
    openBeside(path).prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
    const damaged = `${path}.damaged`;
    writeFileSync(damaged, readFileSync(path).fill('damage', 4_096));
    const { inbox: other } = inboxWith({ store: sqliteStore(damaged) });
    expect(await post(other, sent)).toBe(503);
    expect(await post(other, await healthCheck())).toBe(503);
  });

  test('that was deleted while it was open is not written to: 503 once, then a new file is created', async () => {
    const path = scratchFile();
    const { inbox } = inboxWith({ store: sqliteStore(path) });
    expect(await post(inbox, await signed())).toBe(204);
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`);
    const sent = await signed();
    expect(await post(inbox, sent)).toBe(503);
    expect(await post(inbox, sent)).toBe(204);
    const { inbox: other } = inboxWith({ store: sqliteStore(path) });
    expect((await other.list()).deliveries.map(({ id }) => id)).toEqual([sent.id]);
  });
});

describe('when the clock jumps back', () => {
  test('deliveries keep their order, earlier retries run, and no lease is taken', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2031, 0, 1) });
    onTestFinished(() => void vi.useRealTimers());
    const log: string[] = [];
    const release: (() => void)[] = [];
    const hour = 3_600_000;
    const { inbox, heard } = inboxWith(
      { store: sqliteStore(scratchFile()), retry: { firstDelayMs: hour }, leaseMs: 200 },
      async ({ event, attempt }) => {
        const { title } = (event as { currentValue: { title: string } }).currentValue;
        log.push(`${title} ${attempt}`);
        if (title === 'slow') await new Promise<void>((resolve) => release.push(resolve));
        if (title === 'fails' && attempt === 1) throw new Error('down');
      },
    );
    await inbox.start();
    for (const one of [moved('a', { title: 'slow' }), moved('b', { title: 'fails' })]) {
      expect(await post(inbox, await signed(one))).toBe(204);
    }
    await eventually(() => release.length === 1 && heard('retried').length === 1);
    vi.setSystemTime(Date.UTC(2026, 0, 1));
    for (const title of ['next', 'last']) expect(await post(inbox, await signed(moved('a', { title })))).toBe(204);
    await eventually(() => log.includes('fails 2'));
    release[0]?.();
    await eventually(async () => (await inbox.stats()).done === 4);
    expect(log.filter((line) => !line.startsWith('fails'))).toEqual(['slow 1', 'next 1', 'last 1']);
  });
});
