import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createReceiver, type DeliveryHandler, UnrecoverableError } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '@blue-webhooks/inbox';
import { type Deliverable, fixtures, signedDelivery } from '@blue-webhooks/testing';
import Libsql from 'libsql';
import { describe, expect, test } from 'vitest';
import { scratchFile, scratchFolder } from './files';
import { run, testSecret } from './run';

async function deliver(handler: DeliveryHandler, event: Deliverable) {
  const { body, headers } = await signedDelivery(event, { secret: testSecret });
  const { status } = await handler.handle({
    method: 'POST',
    header: (name) => (name === 'x-signature' ? headers['x-signature'] : null),
    body,
  });
  expect(status).toBe(204);
  return headers['x-signature'].slice(0, 32);
}

/** Creates a database with three deliveries: one done, one dead, one with hostile fields. */
async function inboxFile() {
  const db = join(scratchFolder(), 'blue-inbox.db');
  let ended = 0;
  let allEnded = () => {};
  const done = new Promise<void>((resolve) => {
    allEnded = resolve;
  });
  const inbox = createInbox({
    receiver: createReceiver({ secret: testSecret }).on('TODO_MOVED', () => {
      throw new UnrecoverableError('no such list\u001b[2J');
    }),
    store: sqliteStore(db),
    onEvent: ({ type }) => {
      if (type === 'succeeded' || type === 'dead-letter') ended += 1;
      if (ended === 3) allEnded();
    },
  });
  const ids = {
    done: await deliver(inbox, 'TAG_CREATED'),
    dead: await deliver(inbox, 'TODO_MOVED'),
    hostile: await deliver(inbox, { event: 'NEW\u001b[31m', currentValue: { id: 'x', title: '\u009b2J' } }),
  };
  await inbox.start();
  await done;
  await inbox.stop();
  return { db, ids };
}

test('lists, shows, counts and replays deliveries', async () => {
  const { db, ids } = await inboxFile();
  const inbox = (...args: string[]) => run(['inbox', ...args, '--db', db], { env: {} });

  const listed = await inbox('list');
  expect(listed).toMatchObject({ code: 0, err: '' });
  for (const id of Object.values(ids)) expect(listed.out).toContain(id);
  expect(listed.out).toContain(String.raw`no such list\x1b[2J`);
  expect(listed.out).not.toMatch(/(?!\n)\p{Cc}/u);

  const dead = JSON.parse((await inbox('list', '--state', 'dead', '--event', 'todo_moved', '--json')).out);
  expect(dead).toMatchObject([{ id: ids.dead, state: 'dead', attempts: 1 }]);
  expect((await inbox('list', '--since', '2999-01-01')).err).toBe('No deliveries match.\n');

  const shown = await inbox('show', ids.dead.slice(0, 8));
  expect(shown.out).toContain(ids.dead);
  expect(JSON.parse(shown.out.slice(shown.out.indexOf('{')))).toEqual(fixtures.TODO_MOVED);
  const hostile = await inbox('show', ids.hostile);
  expect(hostile.out).not.toMatch(/(?!\n)\p{Cc}/u);

  expect((await inbox('stats')).out).toMatch(/done +2\n(.*\n)*dead +1\n$/);
  expect((await inbox('replay', '--state', 'dead')).out).toContain('1 delivery will be handled again');
  expect((await inbox('replay', ids.done)).out).toContain('1 delivery will be handled again');
  expect(JSON.parse((await inbox('stats', '--json')).out)).toMatchObject({
    waiting: 2,
    done: 1,
    dead: 0,
    oldestWaitingMs: expect.any(Number),
  });
  const database = new Libsql(db);
  database.exec(`UPDATE blue_deliveries SET received_at = ${Date.now() - 93_784_500} WHERE id = '${ids.dead}'`);
  database.close();
  expect((await inbox('stats')).out).toContain('oldest   received 1 d 2 h ago, of those that are waiting\n');
  expect((await inbox('replay', '--state', 'dead')).code).toBe(1);
});

/** Stores dead letters, and creates the state of an open breaker, for which one delivery waits. */
async function limitedInboxFile(dead: number): Promise<string> {
  const db = join(scratchFolder(), 'blue-inbox.db');
  const inbox = createInbox({
    receiver: createReceiver({ allowUnsigned: true }).on('TODO_MOVED', () => {
      throw new UnrecoverableError('no such list');
    }),
    store: sqliteStore(db),
  });
  for (let i = 0; i < dead; i++) {
    await inbox.accept({
      id: String(i).padStart(32, '0'),
      rawBody: `{"event":"TODO_MOVED","currentValue":{"id":"${i}","title":"T"}}`,
      signature: 'unsigned',
      secretId: undefined,
      receivedAt: new Date(),
      attempt: undefined,
      signal: new AbortController().signal,
    });
  }
  await inbox.start();
  while ((await inbox.stats()).dead < dead) await new Promise((resolve) => setTimeout(resolve, 10));
  await inbox.stop();
  const database = new Libsql(db);
  const open = JSON.stringify({
    failures: 5,
    lastError: 'Error: 503\u001b[2J',
    open: { since: 1_000, probeAt: Date.now() + 60_000 },
  });
  database.exec(`INSERT INTO blue_limits VALUES ('0:crm\u001b[2J', '${open}', NULL)`);
  database.exec(`UPDATE blue_deliveries SET state = 'waiting', due_at = -1, limit_key = '0:crm' WHERE seq = 1`);
  database.close();
  return db;
}

test('shows open breakers, and for which limit a delivery waits', async () => {
  const db = await limitedInboxFile(1);
  const { out } = await run(['inbox', 'stats', '--db', db]);
  expect(out).toMatch(
    /^limit {4}crm\\x1b\[2J: 0 running, 0 in the last minute, 5 failed in a row, breaker open since 1970-\S+Z, next attempt at \S+Z: Error: 503\\x1b\[2J$/m,
  );
  expect(JSON.parse((await run(['inbox', 'stats', '--db', db, '--json'])).out)).toMatchObject({
    limits: [{ failures: 5, openSince: '1970-01-01T00:00:01.000Z' }],
  });
  expect((await run(['inbox', 'show', '0'.repeat(32), '--db', db])).out).toMatch(/^waits for +the limit crm$/m);
});

test('counts what a replay would do and changes no byte, and replays at a pace', async () => {
  const db = await limitedInboxFile(9);
  const bytes = () => [db, `${db}-wal`].map((path) => readFileSync(path, 'base64'));
  const before = bytes();
  const dead = (...args: string[]) => run(['inbox', 'replay', '--state', 'dead', '--db', db, ...args]);
  expect(await dead('--dry-run')).toMatchObject({ code: 0, out: expect.stringMatching(/^8 deliveries would be/) });
  expect(JSON.parse((await dead('--dry-run', '--json')).out)).toEqual({ wouldReplay: 8 });
  expect(bytes().every((text, place) => text === before[place])).toBe(true);
  const startedAt = performance.now();
  const replayed = await dead('--per-second', '5');
  expect(replayed).toMatchObject({
    code: 0,
    out: '8 deliveries will be handled again when a process runs this inbox.\n',
  });
  expect(replayed.err).toMatch(
    /^To continue after an interruption, run the same command with --finished-before \S+Z\.\n$/,
  );
  expect(performance.now() - startedAt).toBeGreaterThan(1_300);
  expect(await dead('--dry-run')).toMatchObject({
    code: 1,
    out: '0 deliveries would be handled again. Nothing was changed.\n',
  });
});

test('says how to continue a replay that Ctrl-C has interrupted', async () => {
  const db = await limitedInboxFile(9);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 700);
  const command = ['inbox', 'replay', '--state', 'dead', '--per-second', '2', '--db', db];
  const { code, out, err } = await run(command, { signal: controller.signal });
  expect([code, out]).toEqual([1, '']);
  const [, replayed, left, time] =
    /Interrupted: (\d) deliver.+ replayed, (\d) are left.+--finished-before (\S+Z)\./.exec(err) ?? [];
  expect([Number(replayed) > 0, Number(replayed) + Number(left)]).toEqual([true, 8]);
  const { out: rest } = await run([...command.slice(0, 4), '--finished-before', `${time}`, '--dry-run', '--db', db]);
  expect(rest).toContain(`${left} deliveries would`);
});

test('pauses and resumes the deliveries of an inbox', async () => {
  const { db } = await inboxFile();
  const inbox = (...args: string[]) => run(['inbox', ...args, '--db', db], { env: {} });
  const pausing = ['pause', '--event', 'todo_moved', '--reason', 'CRM\u001b[2J down', '--by', 'Ada'];
  expect(await inbox(...pausing)).toMatchObject({ code: 0, err: '' });
  expect((await inbox('pause', '--webhook', 'w1', '--reason', 'noise', '--json')).out).toContain('"webhookId": "w1"');
  expect((await inbox('pause', '--reason', 'all')).out).toContain('Paused all events.');
  const store = sqliteStore(db, { readOnly: true });
  expect(await store.paused()).toMatchObject([
    { event: 'TODO_MOVED', webhookId: undefined, reason: 'CRM\u001b[2J down', by: 'Ada' },
    { event: undefined, webhookId: 'w1', reason: 'noise', by: undefined },
    { event: undefined, webhookId: undefined, reason: 'all', by: undefined },
  ]);
  const { out } = await inbox('stats');
  expect(out).toMatch(/^paused +the event TODO_MOVED since \S+Z by Ada: CRM\\x1b\[2J down$/m);
  expect(out).toMatch(/^paused +all events of the webhook w1 since \S+Z: noise$/m);
  expect(JSON.parse((await inbox('stats', '--json')).out)).toMatchObject({ done: 2, paused: [{ by: 'Ada' }, {}, {}] });

  const resumed = await inbox('resume', '--event', 'TODO_MOVED');
  expect(resumed).toMatchObject({ code: 0, out: 'Resumed the event TODO_MOVED.\n' });
  expect(resumed.err).toContain('Still paused: all events of the webhook w1; all events.');
  expect(await inbox('resume', '--event', 'TODO_MOVED')).toMatchObject({ code: 1 });
  expect(JSON.parse((await inbox('resume', '--json')).out)).toMatchObject({
    resumed: true,
    paused: [{ webhookId: 'w1' }],
  });
});

test.each([
  [['pause'], /needs --reason TEXT/],
  [['pause', '--reason', ' '], /reason must be a string of 1 to 1000 characters/],
  [['pause', '--reason', 'x', '--state', 'dead'], /no ids and no other filter/],
  [['resume', 'abcdef'], /no ids and no other filter/],
  [['pause', '--reason', 'x', '--dry-run'], /options of inbox replay/],
])('refuses inbox %j, and pauses nothing', async (args, message) => {
  const { db } = await inboxFile();
  const { code, err } = await run(['inbox', ...args, '--db', db], { env: {} });
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  expect(await sqliteStore(db, { readOnly: true }).paused()).toEqual([]);
});

interface Snapshot {
  readonly names: readonly string[];
  readonly bytes: readonly string[];
  readonly facts: readonly unknown[];
}

/** Returns everything that could change in a folder. */
function snapshotOf(folder: string): Snapshot {
  const names = readdirSync(folder).sort();
  const paths = names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
  const facts = paths.map((path) => {
    const { mtimeNs, mode, size, ino } = statSync(path, { bigint: true });
    return { mtimeNs, mode, size, ino };
  });
  return { names, facts, bytes: paths.map((path) => readFileSync(path, 'base64')) };
}

function foreignDatabase(
  path: string,
  sql = 'CREATE TABLE orders (id INTEGER PRIMARY KEY, body TEXT)',
): Libsql.Database {
  const database = new Libsql(path);
  database.exec(sql);
  chmodSync(path, 0o644);
  return database;
}

/** Files for `--db` that are not an inbox. A returned connection is closed at the end of the test. */
const foreign: Record<string, (path: string) => unknown> = {
  'a missing file': () => {},
  'a folder': (path) => void mkdirSync(path),
  'an empty file': (path) => writeFileSync(path, ''),
  'a text file': (path) =>
    writeFileSync(path, 'This is not a database, and long enough to be recognised as one.'.repeat(100)),
  'a short text file': (path) => writeFileSync(path, 'x'),
  'a database of another application': (path) => void foreignDatabase(path).close(),
  'an empty database of another application': (path) => void foreignDatabase(path, 'PRAGMA user_version = 7').close(),
  'a database with a table of the same name': (path) =>
    void foreignDatabase(
      path,
      'CREATE TABLE blue_deliveries (id TEXT); CREATE TABLE journal_deliveries (id TEXT)',
    ).close(),
  'a write-ahead log database of another application, closed': (path) =>
    void foreignDatabase(path, 'PRAGMA journal_mode = WAL; CREATE TABLE orders (id TEXT)').close(),
  'a database that another application has open': (path) =>
    foreignDatabase(path, 'PRAGMA journal_mode = WAL; CREATE TABLE orders (id TEXT); INSERT INTO orders VALUES (1)'),
  'an inbox of a newer version': (path) => {
    const database = foreignDatabase(path, inboxSchema());
    database.exec('INSERT INTO blue_inbox_version VALUES (999, 0)');
    database.close();
  },
};

/** Returns the schema of an inbox, as the inbox itself creates it. */
function inboxSchema(): string {
  const rows = new Libsql(inboxTemplate as string)
    .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC")
    .all() as { sql: string }[];
  const ordered = [
    ...rows.filter(({ sql }) => sql.startsWith('CREATE TABLE')),
    ...rows.filter(({ sql }) => !sql.startsWith('CREATE TABLE')),
  ];
  return ordered.map(({ sql }) => `${sql};`).join('\n');
}
let inboxTemplate: string | undefined;

describe.each(Object.entries(foreign))('%s', (title, make) => {
  const commands = [
    ['inbox', 'list'],
    ['inbox', 'stats'],
    ['inbox', 'show', 'abcdef'],
    ['inbox', 'replay', '--state', 'dead'],
    ['inbox', 'replay', 'abcdef'],
    ['inbox', 'pause', '--reason', 'down'],
    ['inbox', 'resume'],
  ];
  test.each(commands.map((command) => [command.join(' '), command]))(
    'is refused by %s and not changed',
    async (_name, command) => {
      inboxTemplate = (await inboxFile()).db;
      const folder = scratchFolder();
      const path = join(folder, 'app\u001b[2J.db');
      const opened = make(path) as { close(): unknown } | undefined;
      try {
        const before = snapshotOf(folder);
        const { code, out, err } = await run([...command, '--db', path]);
        expect({ code, out }).toEqual({ code: 1, out: '' });
        expect(err).toMatch(/^blue-webhooks: [^\n]+\n$/);
        expect(err).toContain(String.raw`app\x1b[2J.db is not an inbox database`);
        if (title.includes('newer')) expect(err).toContain('newer');
        // The -shm file is memory that the processes which have the database open share.
        const after = snapshotOf(folder);
        if (!opened) expect(after).toEqual(before);
        expect(after.names).toEqual(before.names);
        const data = (snapshot: Snapshot) =>
          snapshot.bytes.filter((_, place) => !snapshot.names[place]?.endsWith('-shm'));
        expect(data(after)).toEqual(data(before));
      } finally {
        opened?.close();
      }
    },
  );
});

test('reads an inbox that no process has open without changing a byte', async () => {
  const { db } = await inboxFile();
  const before = snapshotOf(dirname(db));
  for (const command of [['list'], ['stats'], ['show', 'abcdef']]) await run(['inbox', ...command, '--db', db]);
  expect(snapshotOf(dirname(db))).toEqual(before);
});

test('reads an inbox that a process has open without changing it or its log', async () => {
  const db = join(scratchFolder(), 'blue-inbox.db');
  const inbox = createInbox({ receiver: createReceiver({ secret: testSecret }), store: sqliteStore(db) });
  const id = await deliver(inbox, 'TAG_CREATED');
  try {
    const log = () => [db, `${db}-wal`].map((path) => readFileSync(path, 'base64'));
    const before = log();
    expect((await run(['inbox', 'list', '--db', db])).out).toContain(id);
    expect(JSON.parse((await run(['inbox', 'stats', '--db', db, '--json'])).out)).toMatchObject({ waiting: 1 });
    expect((await run(['inbox', 'show', id, '--db', db])).out).toContain('TAG_CREATED');
    expect(log()).toEqual(before);
  } finally {
    await inbox.stop();
  }
});

const file = () => scratchFile('This is not a database, and long enough to be recognised as one.'.repeat(100));
test.each<[string, () => string[], string]>([
  ['no action', () => ['inbox', '--db', file()], 'list, show, replay, stats'],
  ['an unknown action', () => ['inbox', 'lst', '--db', file()], 'Did you mean list'],
  ['no file', () => ['inbox', 'list'], '--db FILE'],
  ['an unknown state', () => ['inbox', 'list', '--db', file(), '--state', 'ded'], 'Did you mean dead'],
  ['an invalid time', () => ['inbox', 'list', '--db', file(), '--since', 'now'], '--since'],
  ['an invalid end', () => ['inbox', 'replay', '--db', file(), '--finished-before', 'now'], '--finished-before'],
  ['a pace of 0', () => ['inbox', 'replay', '--db', file(), '--per-second', '0'], '--per-second'],
])('%s: prints one line and exits with 2', async (_title, args, words) => {
  const { code, out, err } = await run(args());
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^blue-webhooks: [^\n]+\n$/);
  expect(err).toContain(words);
});

test('refuses an unknown id and a replay without ids or filter', async () => {
  const { db } = await inboxFile();
  expect((await run(['inbox', 'show', 'abcdef', '--db', db])).err).toContain('No delivery has the id');
  expect((await run(['inbox', 'show', '--db', db])).err).toContain('needs one ID');
  expect((await run(['inbox', 'replay', '--db', db])).err).toContain('a filter');
});
