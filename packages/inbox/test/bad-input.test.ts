import { createReceiver } from '@blue-webhooks/core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  createInbox,
  type InboxEvent,
  type InboxOptions,
  type InboxStore,
  memoryStore,
  sqliteStore,
} from '../src/index';
import { postgresStore } from '../src/postgres';
import { openSqlite } from '../src/sqlite/driver';
import { eventually, moved, post, secret, signed } from './endpoint';
import { scratchFile } from './scratch';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';

/** A database with an inbox, in which a person edits rows. */
interface Place {
  readonly store: () => InboxStore;
  /** Runs SQL, in which `deliveries` and `bodies` are the inbox's tables. */
  readonly edit: (sql: string) => Promise<void>;
  /** The SQL that says that a newer version has written the tables. */
  readonly newer: string;
}

/** An inbox of one version of an application, which has handlers for these events only. */
function versionWith(
  store: InboxStore,
  events: readonly ('TODO_MOVED' | 'TODO_CREATED')[],
  options: Partial<InboxOptions> = {},
) {
  const seen: InboxEvent[] = [];
  const ran: string[] = [];
  const receiver = createReceiver({ secret });
  for (const event of events) receiver.on(event, { name: 'crm' }, (_event, { id }) => void ran.push(id));
  const retry = { maxAttempts: 3, firstDelayMs: 10, maxDelayMs: 20, jitter: 0 };
  const inbox = createInbox({ receiver, store, retry, pollMs: 20, onEvent: (event) => seen.push(event), ...options });
  onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
  return { inbox, ran, of: (type: InboxEvent['type']) => seen.filter((event) => event.type === type) };
}

const created = () => signed({ event: 'TODO_CREATED', currentValue: { id: 'new', title: 'T' } });

/** What holds for every store. */
function unknownHandlers(storeOf: () => InboxStore): void {
  test('an event without a handler in this version is done, and reported', async () => {
    const { inbox, ran, of } = versionWith(storeOf(), ['TODO_MOVED']);
    await inbox.start();
    const delivery = await created();
    expect(await post(inbox, delivery)).toBe(204);
    await eventually(async () => (await inbox.get(delivery.id))?.state === 'done');
    expect(of('unhandled')).toMatchObject([{ delivery: { id: delivery.id, event: 'TODO_CREATED' }, attempt: 1 }]);
    expect(ran).toEqual([]);
  });

  test("with unhandled: 'retry' it waits for a version that has a handler, which runs it", async () => {
    const store = storeOf();
    const old = versionWith(store, ['TODO_MOVED'], { unhandled: 'retry' });
    await old.inbox.start();
    const delivery = await created();
    expect(await post(old.inbox, delivery)).toBe(204);
    await eventually(() => old.of('retried').length > 0);
    expect(old.of('retried')[0]).toMatchObject({ error: { name: 'StoreError', code: 'UNHANDLED' } });
    await old.inbox.stop();
    const updated = versionWith(store, ['TODO_MOVED', 'TODO_CREATED'], { unhandled: 'retry' });
    await updated.inbox.start();
    await eventually(async () => (await updated.inbox.get(delivery.id))?.state === 'done');
    expect(updated.ran).toEqual([delivery.id]);
    expect(updated.of('unhandled')).toEqual([]);
  });

  test("with unhandled: 'retry' it is a dead letter after the last attempt, and can be replayed", async () => {
    const store = storeOf();
    const old = versionWith(store, ['TODO_MOVED'], { unhandled: 'retry' });
    await old.inbox.start();
    const delivery = await created();
    await post(old.inbox, delivery);
    await eventually(() => old.of('dead-letter').length === 1);
    expect(old.of('dead-letter')).toMatchObject([{ attempt: 3, error: { code: 'UNHANDLED' } }]);
    await old.inbox.stop();
    const updated = versionWith(store, ['TODO_CREATED']);
    await updated.inbox.start();
    expect(await updated.inbox.replay(delivery.id)).toBe(1);
    await eventually(async () => (await updated.inbox.get(delivery.id))?.state === 'done');
    expect(updated.ran).toEqual([delivery.id]);
  });

  test('deliveries that come twice and out of order are each handled once', async () => {
    const { inbox, ran } = versionWith(storeOf(), ['TODO_MOVED']);
    await inbox.start();
    const deliveries = [await signed(moved('a')), await signed(moved('b')), await signed(moved('c'))];
    for (const place of [2, 0, 2, 1, 0, 1]) {
      const delivery = deliveries[place];
      if (delivery) expect(await post(inbox, delivery)).toBe(204);
    }
    await eventually(async () => (await inbox.stats()).done === 3);
    expect([...ran].sort()).toEqual(deliveries.map(({ id }) => id).sort());
  });
}

test.each(['drop', 1, null])('unhandled: %o is a TypeError', (unhandled) => {
  expect(() => versionWith(memoryStore(), [], { unhandled: unhandled as 'done' })).toThrow(
    "unhandled must be 'done' or 'retry'",
  );
});

/** What holds where a person can edit the rows. */
function editedRows(place: () => Promise<Place>): void {
  test.each([
    ['whose body is not JSON', "UPDATE bodies SET body = CAST('TODO_MOVED' AS BYTES)", 'BODY_NOT_JSON'],
    ['whose body has no event', "UPDATE bodies SET body = CAST('{}' AS BYTES)", 'EVENT_MISSING'],
    ['whose body was deleted', 'DELETE FROM bodies', 'MALFORMED'],
    ['whose handlers are not a list', "UPDATE deliveries SET handled = 'crm'", 'MALFORMED'],
    ['whose handlers are a list of something else', "UPDATE deliveries SET handled = '[1]'", 'MALFORMED'],
  ])('a row %s is a dead letter with a name, and holds up no other', async (_, sql, code) => {
    const { store, edit } = await place();
    const receiving = versionWith(store(), ['TODO_MOVED']);
    const edited = await signed(moved('edited'));
    expect(await post(receiving.inbox, edited)).toBe(204);
    await edit(sql);
    const { inbox, ran, of } = versionWith(store(), ['TODO_MOVED']);
    const others = [await signed(moved('edited')), await signed(moved('another'))];
    for (const delivery of others) expect(await post(inbox, delivery)).toBe(204);
    await inbox.start();
    await eventually(async () => (await inbox.stats()).done === 2);
    expect(of('dead-letter')).toMatchObject([{ delivery: { id: edited.id }, attempt: 1, error: { code } }]);
    expect([...ran].sort()).toEqual(others.map(({ id }) => id).sort());
    expect(of('store-failed')).toEqual([]);
    expect(await inbox.get(edited.id)).toMatchObject({ state: 'dead', lastError: expect.any(String) });
  });

  test('a table of a newer version is refused by name at start, and answered 503; a process that ran before continues', async () => {
    const { store, edit, newer } = await place();
    const running = versionWith(store(), ['TODO_MOVED']);
    await running.inbox.start();
    await edit(newer);
    const { inbox, of } = versionWith(store(), ['TODO_MOVED']);
    await expect(inbox.start()).rejects.toMatchObject({ name: 'StoreError', code: 'NEWER_INBOX' });
    const delivery = await signed(moved('a'));
    expect(await post(inbox, delivery)).toBe(503);
    expect(of('store-failed')).toMatchObject([{ error: { code: 'NEWER_INBOX' } }]);
    expect(await post(running.inbox, delivery)).toBe(204);
    await eventually(async () => (await running.inbox.get(delivery.id))?.state === 'done');
  });
}

describe('an inbox on memoryStore', () => unknownHandlers(memoryStore));

describe('an inbox on sqliteStore', () => {
  unknownHandlers(() => sqliteStore(scratchFile()));
  editedRows(async () => {
    const path = scratchFile();
    return {
      store: () => sqliteStore(path),
      newer: 'INSERT INTO blue_inbox_version VALUES (99, 0)',
      async edit(sql) {
        const database = await openSqlite(path);
        database.exec('PRAGMA busy_timeout = 2000');
        database.exec(sql.replace(/\b(deliveries|bodies)\b/g, 'blue_$1').replace('BYTES', 'BLOB'));
        database.close();
      },
    };
  });
});

describe.skipIf(!hasPostgres)(`an inbox on postgresStore${postgresMissing}`, () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => {});
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });
  unknownHandlers(() => postgresStore(pool, { schema: `unknown_${schemas++}` }));
  editedRows(async () => {
    const schema = `edited_${schemas++}`;
    return {
      store: () => postgresStore(pool, { schema }),
      newer: 'INSERT INTO version VALUES (99)',
      async edit(sql) {
        const text = sql.replace(/\b(deliveries|bodies|version)\b/g, `${schema}.$1`);
        await pool.query(text.replace(/CAST\('(.*)' AS BYTES\)/, "convert_to('$1', 'UTF8')"));
      },
    };
  });
});
