import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '@blue-webhooks/inbox';
import { fixtures, samples, signedDelivery } from '@blue-webhooks/testing';
import Libsql from 'libsql';
import { expect, onTestFinished, test, vi } from 'vitest';
import { scratchFile, scratchFolder } from './files';
import { deliver, listening, macOf } from './listening';
import { run, testSecret } from './run';
import { serveApp } from './serve';

test('acknowledges genuine deliveries, refuses forgeries, and prints one line for each', async () => {
  const { url, lines } = await listening();
  expect(await deliver(url, fixtures.TODO_MOVED)).toBe(204);
  expect(await deliver(url, fixtures.TODO_MOVED)).toBe(204);
  expect(await deliver(url, fixtures.TODO_MOVED, { 'x-signature': 'f'.repeat(64) })).toBe(401);
  expect((await fetch(url)).status).toBe(405);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {2}204 +TODO_MOVED +Draft proposal\n$/);
  expect(lines[1]).toContain('received 2 times');
  expect(lines[2]).toMatch(/401 +TODO_MOVED .*refused: SIGNATURE_MISMATCH/);
});

test('forwards the original bytes and headers to the app, and prints its response', async () => {
  const app = await serveApp();
  const { url, lines, journal } = await listening({ forward: new URL(app.url) });
  const odd = `{\n  "event" : "TAG_CREATED", "n": 1.0, "currentValue":{"id":"1","title":"é 📄"}}\r\n`;
  await deliver(url, odd, { 'X-Custom': 'Kept', 'user-agent': 'Blue/1' });
  await app.count(1);
  const [arrived] = app.arrived;
  expect(String(arrived?.body)).toBe(odd);
  expect(arrived?.headers).toMatchObject({ 'x-signature': macOf(odd), 'x-custom': 'Kept', 'user-agent': 'Blue/1' });
  expect(arrived?.headers.host).toBe(new URL(app.url).host);
  await vi.waitFor(() => expect(lines).toHaveLength(2));
  expect(lines[1]).toMatch(/> 204 +TAG_CREATED .*your app, \d+ ms\n$/);
  expect(journal.list({}, 10)).toMatchObject([{ appStatus: 204, forwarded: 1 }]);
});

test('does not forward forgeries, and retries failures of the app', async () => {
  const app = await serveApp((_one, place) => (place === 0 ? 500 : 204));
  const { url, journal } = await listening({ forward: new URL(app.url) });
  await deliver(url, fixtures.TAG_CREATED, { 'x-signature': macOf('another') });
  await deliver(url, fixtures.TODO_MOVED);
  await app.count(2);
  expect(app.arrived.map(({ body }) => JSON.parse(String(body)).event)).toEqual(['TODO_MOVED', 'TODO_MOVED']);
  await vi.waitFor(() => expect(journal.list({ show: 'accepted' }, 10)).toMatchObject([{ forwarded: 2 }]));
  expect(journal.list({ show: 'failing' }, 10)).toEqual([]);
  const seq = journal.list({ show: 'accepted' }, 1)[0]?.seq as number;
  expect(journal.get(seq)?.forwardings.map(({ status }) => status)).toEqual([500, 204]);
});

test('forwards a health check to the app', async () => {
  const app = await serveApp();
  const { url } = await listening({ forward: new URL(app.url) });
  expect(await deliver(url, fixtures.WEBHOOK_HEALTH_CHECK)).toBe(204);
  await app.count(1);
  expect(app.arrived[0]?.headers['x-signature']).toBe(macOf(JSON.stringify(fixtures.WEBHOOK_HEALTH_CHECK)));
});

test('escapes control characters of a delivery in the terminal', async () => {
  const { url, lines } = await listening();
  await deliver(url, { event: '\u001b]0;owned\u0007', currentValue: { id: 'x', title: '\u001b[2J\u009b\r\n\u202e' } });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(String.raw`\x1b]0;owned\x07`);
  expect(lines[0]?.trimEnd()).not.toMatch(/\p{Cc}|\u202e/u);
});

test('creates a database that only its owner can read', async () => {
  const folder = scratchFolder();
  const path = join(folder, 'kept.db');
  const kept = await listening({ path });
  await deliver(kept.url, fixtures.TODO_MOVED);
  const files = readdirSync(folder);
  expect(files).toContain('kept.db-wal');
  for (const file of files) expect((statSync(join(folder, file)).mode & 0o777).toString(8)).toBe('600');
  await kept.stop();
  expect((await listening({ path })).journal.list({}, 10)).toMatchObject([{ event: 'TODO_MOVED' }]);
  expect((await run(['inbox', 'list', '--db', path])).out).toContain('TODO_MOVED');
});

test('removes the permissions of others from an existing database and the files next to it', async () => {
  const folder = scratchFolder();
  const path = join(folder, 'kept.db');
  const first = await listening({ path });
  await deliver(first.url, fixtures.TODO_MOVED);
  await first.stop();
  for (const name of ['kept.db', 'kept.db-wal', 'kept.db-shm']) {
    writeFileSync(join(folder, name), '', { flag: 'a' });
    chmodSync(join(folder, name), 0o644);
  }
  const kept = await listening({ path });
  await deliver(kept.url, fixtures.TAG_CREATED);
  const modes = readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]);
  expect(modes.length).toBeGreaterThan(2);
  for (const [name, mode] of modes) expect([name, mode]).toEqual([name, '600']);
});

test('removes the permissions of others from an existing empty file', async () => {
  const path = scratchFile('', 'empty.db');
  chmodSync(path, 0o666);
  const { url } = await listening({ path });
  await deliver(url, fixtures.TODO_MOVED);
  for (const file of [path, `${path}-wal`]) expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
});

/** The size of a database on the disk, its log included, in megabytes. */
const megabytes = (path: string) =>
  [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0) /
  2 ** 20;

const large = (place: number) =>
  JSON.stringify({
    event: 'COMMENT_CREATED',
    currentValue: { id: `c${place}`, text: `${place} `.padEnd(1_000_000, 'x') },
  });

test('keeps genuine deliveries of 1 MB within the size limit, newest first', {
  timeout: 60_000,
}, async () => {
  const path = join(scratchFolder(), 'kept.db');
  const { url, journal, inbox } = await listening({ path, maxBytes: 16 * 2 ** 20 });
  for (let place = 0; place < 60; place++) expect(await deliver(url, large(place))).toBe(204);
  // The log is checkpointed and truncated from time to time.
  expect(megabytes(path)).toBeLessThan(16 + 8);
  const [newest] = journal.list({}, 1);
  expect(newest).toMatchObject({ entityId: 'c59' });
  expect(journal.counts().all).toBeGreaterThan(4);
  expect((await inbox.list({ limit: 1_000 })).deliveries.length).toBeLessThan(20);
  expect(await deliver(url, large(59))).toBe(204);
  expect(journal.list({}, 1)).toMatchObject([{ times: 2 }]);
});

test('keeps forgeries of 1 MB and their duplicates within the size limit', { timeout: 60_000 }, async () => {
  const path = join(scratchFolder(), 'kept.db');
  const { url, journal } = await listening({ path, maxBytes: 16 * 2 ** 20 });
  for (let place = 0; place < 40; place++) {
    for (let time = 0; time < 2; time++) {
      expect(await deliver(url, large(place), { 'x-signature': 'f'.repeat(64) })).toBe(401);
    }
  }
  expect(megabytes(path)).toBeLessThan(16 + 8);
  expect(journal.list({}, 1)).toMatchObject([{ entityId: 'c39', times: 2 }]);
});

test('responds with 503 at the size limit instead of deleting unfinished deliveries', {
  timeout: 60_000,
}, async () => {
  const path = join(scratchFolder(), 'kept.db');
  const app = createServer(() => {}); // hangs
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    app.closeAllConnections();
    app.close();
  });
  const forward = new URL(`http://127.0.0.1:${(app.address() as AddressInfo).port}/`);
  const { url, inbox } = await listening({ path, forward, maxBytes: 16 * 2 ** 20 });
  const statuses = await Promise.all(Array.from({ length: 40 }, (_, place) => deliver(url, large(place))));
  const acknowledged = statuses.filter((status) => status === 204).length;
  expect(new Set(statuses)).toEqual(new Set([204, 503]));
  expect(megabytes(path)).toBeLessThan(16 + 8);
  const { waiting, active } = await inbox.stats();
  expect(waiting + active).toBe(acknowledged);
});

test('forwards a delivery that the journal has already deleted', async () => {
  const app = await serveApp((_one, place) => (place === 0 ? 500 : 204));
  const { url, journal } = await listening({ forward: new URL(app.url) });
  await deliver(url, fixtures.TODO_MOVED);
  await app.count(1);
  journal.dropOldest(10 ** 9);
  await app.count(2);
  const body = JSON.stringify(fixtures.TODO_MOVED);
  expect(String(app.arrived[1]?.body)).toBe(body);
  expect(app.arrived[1]?.headers).toMatchObject({ 'x-signature': macOf(body), 'content-type': 'application/json' });
});

test('a failure to record a delivery does not affect the response, and is printed without its body', async () => {
  const path = join(scratchFolder(), 'kept.db');
  const { url, lines } = await listening({ path });
  const other = new Libsql(path);
  other.exec('DROP TABLE journal_bodies');
  other.close();
  expect(await deliver(url, fixtures.TODO_MOVED)).toBe(204);
  expect(await deliver(url, fixtures.TODO_MOVED, { 'x-signature': macOf('forged') })).toBe(401);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^A delivery got the response 204, but was not recorded: [^\n]+\n$/);
  expect(lines.join('')).not.toContain('Draft proposal');
});

test('responds to bodies that are too large, too deep, not JSON or not UTF-8', async () => {
  const { url, journal } = await listening();
  const deep = `{"event":"X","currentValue":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  expect(await deliver(url, deep)).toBe(204);
  expect(await deliver(url, 'no JSON')).toBe(400);
  expect(await deliver(url, 'x'.repeat(5 * 1024 * 1024 + 1))).toBe(413);
  const headers = { 'x-signature': macOf(Uint8Array.of(0xff, 0xfe)) };
  expect((await fetch(url, { method: 'POST', body: Uint8Array.of(0xff, 0xfe), headers })).status).toBe(400);
  expect(journal.list({}, 10).map(({ code }) => code)).toEqual([
    'BODY_NOT_UTF8',
    'BODY_TOO_LARGE',
    'BODY_NOT_JSON',
    undefined,
  ]);
});

test('runs the demo with genuine deliveries and forgeries to its end', async () => {
  const { code, out, err } = await run(['listen', '--demo', '--once', '--port', '0', '--inspect-port', '0'], {
    env: {},
  });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/Inspector +http:\/\/127\.0\.0\.1:\d+/);
  expect(out).toMatch(/401 .*refused: SIGNATURE_MISSING/);
  expect(out).toContain('attempt 2 of 5');
  expect(out).toMatch(/(\d+) of \1 genuine events accepted, (\d+) of \2 forgeries refused\./);
});

test('stops on Ctrl-C, and prints JSON lines for scripts', async () => {
  const interruption = new AbortController();
  const printed: string[] = [];
  const onOutput = (text: string) => {
    printed.push(text);
    const { url } = JSON.parse(text);
    if (url)
      void fetch(url, {
        method: 'POST',
        body: samples.TODO_CREATED.body,
        headers: { 'x-signature': samples.TODO_CREATED.signature },
      });
    else interruption.abort();
  };
  const args = ['listen', '--port', '0', '--inspect-port', '0', '--json'];
  expect(await run(args, { signal: interruption.signal, onOutput })).toMatchObject({ code: 0, err: '' });
  expect(printed.map((line) => JSON.parse(line).type)).toEqual(['listening', 'arrived']);
  expect(JSON.parse(printed[1] as string)).toMatchObject({ event: 'TODO_CREATED', status: 204 });
  const { inspectorUrl } = JSON.parse(printed[0] as string);
  await expect(fetch(inspectorUrl)).rejects.toThrow();
});

test('prints one line if the port of the receiver or the inspector is in use', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const taken = String((other.address() as AddressInfo).port);
  for (const [port, inspectPort, option] of [
    [taken, '0', '--port'],
    ['0', taken, '--inspect-port'],
  ] as const) {
    const { code, out, err } = await run(['listen', '--port', port, '--inspect-port', inspectPort]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toBe(
      `blue-webhooks: Port ${taken} is in use: pass ${option} N with another port, or 0 for any free port.\n`,
    );
  }
});

test.each<[string, () => string[], string, object?]>([
  ['a missing secret', () => ['listen'], 'BLUE_WEBHOOK_SECRET', { env: {} }],
  ['an invalid port', () => ['listen', '--port', '70000'], '--port must be'],
  ['an invalid URL of the app', () => ['listen', '--forward', 'localhost'], '--forward must be'],
  ['--once without --demo', () => ['listen', '--once'], 'needs --demo'],
  [
    'a file that is not a database',
    () => ['listen', '--port', '0', '--db', scratchFile('x'.repeat(5_000))],
    'cannot be used',
  ],
  ['a folder for a file', () => ['listen', '--port', '0', '--db', scratchFolder()], 'cannot be used'],
  ['a size limit below the minimum', () => ['listen', '--port', '0', '--max-size', '1'], '--max-size must be'],
  ['a missing folder', () => ['listen', '--port', '0', '--db', '/nowhere/at/all.db'], 'cannot be used'],
  [
    'an address of another machine',
    () => ['listen', '--port', '0', '--host', '192.0.2.1'],
    'not an address of this machine',
  ],
])('%s: prints one line and exits with 2', async (_title, args, words, options = {}) => {
  const { code, out, err } = await run(args(), options);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^blue-webhooks: [^\n]+\n$/);
  expect(err).toContain(words);
  expect(existsSync('none.db')).toBe(false);
});

test.each<[string, string]>([
  ['a database of another application', 'CREATE TABLE orders (id TEXT)'],
  ['a database in write-ahead mode of another application', 'PRAGMA journal_mode = WAL; CREATE TABLE orders (id TEXT)'],
  ['a database with a table of the same name', 'CREATE TABLE journal_deliveries (id TEXT)'],
])('%s is refused and not changed', async (_title, sql) => {
  const folder = scratchFolder();
  const path = join(folder, 'app.db');
  const database = new Libsql(path);
  database.exec(sql);
  database.close();
  chmodSync(path, 0o644);
  const facts = () => [readdirSync(folder), readFileSync(path, 'base64'), statSync(path).mode, statSync(path).mtimeMs];
  const before = facts();
  const { code, out, err } = await run(['listen', '--port', '0', '--inspect-port', '0', '--db', path]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('is not an inbox database');
  expect(facts()).toEqual(before);
});

test('recognises its own database through a symbolic link, also while its tables are in the log only', async () => {
  const folder = scratchFolder();
  const path = join(folder, 'blue.db');
  const link = join(scratchFolder(), 'link.db');
  symlinkSync(path, link);
  const { url } = await listening({ path });
  expect(await deliver(url, { event: 'TODO_MOVED' })).toBe(204);
  for (const end of ['', '-wal', '-shm']) chmodSync(`${path}${end}`, 0o644);
  const { journal } = await listening({ path: link });
  expect(journal.counts().all).toBe(1);
  for (const end of ['', '-wal', '-shm']) expect(statSync(`${path}${end}`).mode & 0o777).toBe(0o600);
});

test('refuses the inbox of an application, whose deliveries it would handle', async () => {
  const path = join(scratchFolder(), 'blue-inbox.db');
  const inbox = createInbox({ receiver: createReceiver({ secret: testSecret }), store: sqliteStore(path) });
  const { body, headers } = await signedDelivery('TODO_MOVED', { secret: testSecret });
  await inbox.handle({
    method: 'POST',
    header: (name) => (name === 'x-signature' ? headers['x-signature'] : null),
    body,
  });
  const { code, err } = await run(['listen', '--port', '0', '--inspect-port', '0', '--db', path]);
  expect(code).toBe(2);
  expect(err).toContain('the inbox of an application');
  expect((await inbox.stats()).waiting).toBe(1);
  await inbox.stop();
});
