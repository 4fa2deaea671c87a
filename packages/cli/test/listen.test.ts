import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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

test('genuine deliveries are acknowledged, forgeries refused, and each is one line', async () => {
  const { url, lines } = await listening();
  expect(await deliver(url, fixtures.TODO_MOVED)).toBe(204);
  expect(await deliver(url, fixtures.TODO_MOVED)).toBe(204);
  expect(await deliver(url, fixtures.TODO_MOVED, { 'x-signature': 'f'.repeat(64) })).toBe(401);
  expect((await fetch(url)).status).toBe(405);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {2}204 +TODO_MOVED +Draft proposal\n$/);
  expect(lines[1]).toContain('seen 2 times');
  expect(lines[2]).toMatch(/401 +TODO_MOVED .*refused: SIGNATURE_MISMATCH/);
});

test('the app gets the exact bytes with the original headers, and its answer is shown', async () => {
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
  expect(journal.list({}, 10)).toMatchObject([{ appStatus: 204, passedOn: 1 }]);
});

test('forgeries do not reach the app, and what fails there is tried again', async () => {
  const app = await serveApp((_one, place) => (place === 0 ? 500 : 204));
  const { url, journal } = await listening({ forward: new URL(app.url) });
  await deliver(url, fixtures.TAG_CREATED, { 'x-signature': macOf('another') });
  await deliver(url, fixtures.TODO_MOVED);
  await app.count(2);
  expect(app.arrived.map(({ body }) => JSON.parse(String(body)).event)).toEqual(['TODO_MOVED', 'TODO_MOVED']);
  await vi.waitFor(() => expect(journal.list({ show: 'accepted' }, 10)).toMatchObject([{ passedOn: 2 }]));
  expect(journal.list({ show: 'failing' }, 10)).toEqual([]);
  const seq = journal.list({ show: 'accepted' }, 1)[0]?.seq as number;
  expect(journal.get(seq)?.passings.map(({ status }) => status)).toEqual([500, 204]);
});

test('a health check reaches the app as well', async () => {
  const app = await serveApp();
  const { url } = await listening({ forward: new URL(app.url) });
  expect(await deliver(url, fixtures.WEBHOOK_HEALTH_CHECK)).toBe(204);
  await app.count(1);
  expect(app.arrived[0]?.headers['x-signature']).toBe(macOf(JSON.stringify(fixtures.WEBHOOK_HEALTH_CHECK)));
});

test('nothing in a delivery steers the terminal', async () => {
  const { url, lines } = await listening();
  await deliver(url, { event: '\u001b]0;owned\u0007', currentValue: { id: 'x', title: '\u001b[2J\u009b\r\n\u202e' } });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(String.raw`\x1b]0;owned\x07`);
  expect(lines[0]?.trimEnd()).not.toMatch(/\p{Cc}|\u202e/u);
});

test('what is kept is readable for its owner only, and what is not to be kept is gone', async () => {
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

test('a file that others could read is readable for its owner only from then on, and so are the files beside it', async () => {
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

test('an empty file that others could read is used, and readable for its owner only', async () => {
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

test('genuine deliveries of 1 MB each stay within the size limit, and the newest are kept', {
  timeout: 60_000,
}, async () => {
  const path = join(scratchFolder(), 'kept.db');
  const { url, journal, inbox } = await listening({ path, maxBytes: 16 * 2 ** 20 });
  for (let place = 0; place < 60; place++) expect(await deliver(url, large(place))).toBe(204);
  // The log is written back and cut from time to time.
  expect(megabytes(path)).toBeLessThan(16 + 8);
  const [newest] = journal.list({}, 1);
  expect(newest).toMatchObject({ entityId: 'c59' });
  expect(journal.counts().all).toBeGreaterThan(4);
  expect((await inbox.list({ limit: 1_000 })).deliveries.length).toBeLessThan(20);
  expect(await deliver(url, large(59))).toBe(204);
  expect(journal.list({}, 1)).toMatchObject([{ times: 2 }]);
});

test('forgeries of 1 MB each, and their repeats, stay within the size limit', { timeout: 60_000 }, async () => {
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

test('deliveries that the app does not answer are not deleted: at the size limit, Blue is answered 503', {
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

test('a delivery that the recorder has dropped reaches the app all the same', async () => {
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

test('a failure to record a delivery does not change the answer, and is reported without its body', async () => {
  const path = join(scratchFolder(), 'kept.db');
  const { url, lines } = await listening({ path });
  const other = new Libsql(path);
  other.exec('DROP TABLE journal_bodies');
  other.close();
  expect(await deliver(url, fixtures.TODO_MOVED)).toBe(204);
  expect(await deliver(url, fixtures.TODO_MOVED, { 'x-signature': macOf('forged') })).toBe(401);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^A delivery was answered 204, but not recorded: [^\n]+\n$/);
  expect(lines.join('')).not.toContain('Draft proposal');
});

test('a hostile body harms nobody: too large, too deep, no JSON, not UTF-8', async () => {
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

test('the demo shows genuine deliveries and forgeries, ends by itself, and leaves nothing', async () => {
  const { code, out, err } = await run(['listen', '--demo', '--once', '--port', '0', '--inspect-port', '0'], {
    env: {},
  });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/Inspector +http:\/\/127\.0\.0\.1:\d+/);
  expect(out).toMatch(/401 .*refused: SIGNATURE_MISSING/);
  expect(out).toContain('attempt 2 of 5');
  expect(out).toMatch(/(\d+) of \1 genuine events accepted, (\d+) of \2 forgeries refused\./);
});

test('Ctrl-C ends it cleanly, with a configured secret and JSON for scripts', async () => {
  const interruption = new AbortController();
  const told: string[] = [];
  const onOutput = (text: string) => {
    told.push(text);
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
  expect(told.map((line) => JSON.parse(line).type)).toEqual(['listening', 'arrived']);
  expect(JSON.parse(told[1] as string)).toMatchObject({ event: 'TODO_CREATED', status: 204 });
  const { inspectorUrl } = JSON.parse(told[0] as string);
  await expect(fetch(inspectorUrl)).rejects.toThrow();
});

test('a port that is taken, of the receiver or the inspector, is one clear line', async () => {
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
      `blue-webhooks: Port ${taken} is taken: pass ${option} with another, or 0 for any that is free.\n`,
    );
  }
});

test.each<[string, () => string[], string, object?]>([
  ['a missing secret', () => ['listen'], 'BLUE_WEBHOOK_SECRET', { env: {} }],
  ['a port that is none', () => ['listen', '--port', '70000'], '--port must be'],
  ['an app that is no URL', () => ['listen', '--forward', 'localhost'], '--forward must be'],
  ['--once alone', () => ['listen', '--once'], 'goes with --demo'],
  [
    'a file that is no database',
    () => ['listen', '--port', '0', '--db', scratchFile('x'.repeat(5_000))],
    'cannot be used',
  ],
  ['a folder for a file', () => ['listen', '--port', '0', '--db', scratchFolder()], 'cannot be used'],
  ['a size limit below the least', () => ['listen', '--port', '0', '--max-size', '1'], '--max-size must be'],
  ['a folder that is not there', () => ['listen', '--port', '0', '--db', '/nowhere/at/all.db'], 'cannot be used'],
  [
    'an address of another machine',
    () => ['listen', '--port', '0', '--host', '192.0.2.1'],
    'no address of this machine',
  ],
])('%s gives one clear line and exit code 2', async (_title, args, words, options = {}) => {
  const { code, out, err } = await run(args(), options);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^blue-webhooks: [^\n]+\n$/);
  expect(err).toContain(words);
  expect(existsSync('none.db')).toBe(false);
});

test.each<[string, string]>([
  ['a database of another application', 'CREATE TABLE orders (id TEXT)'],
  ['a database in write-ahead mode of another application', 'PRAGMA journal_mode = WAL; CREATE TABLE orders (id TEXT)'],
  ['a database with a table called like one of ours', 'CREATE TABLE journal_deliveries (id TEXT)'],
])('%s is refused, and does not change', async (_title, sql) => {
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

test('the inbox of an application is refused, since its deliveries would be handled here', async () => {
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
