import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createReceiver } from '@blue-webhooks/core';
import Libsql from 'libsql';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { bullmqInbox } from '../src/bullmq/index';
import { createInbox, type Inbox, type InboxStore, memoryStore, sqliteStore } from '../src/index';
import { postgresStore } from '../src/postgres';
import { inboxWith } from './endpoint';
import { scratchFile } from './scratch';

const receiver = createReceiver({ allowUnsigned: true });

/** A server that accepts connections and never responds. */
async function silentServer(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function expectFailed(inbox: Inbox, timeoutMs: number | undefined, within: number): Promise<void> {
  const startedAt = performance.now();
  const health = await inbox.health({ timeoutMs });
  expect(performance.now() - startedAt).toBeLessThan(within);
  expect(health).toMatchObject({ started: false, store: 'failed', error: { code: 'TIMEOUT' }, paused: [] });
}

test('resolves in time while another process keeps the file locked, and is ok again afterwards', async () => {
  const path = scratchFile();
  const { inbox } = inboxWith({ store: sqliteStore(path) });
  expect(await inbox.health()).toMatchObject({ store: 'ok' });
  const other = new Libsql(path);
  onTestFinished(() => void other.close());
  other.exec('BEGIN EXCLUSIVE');
  await expectFailed(inbox, 200, 1_500);
  other.exec('COMMIT');
  await expect.poll(async () => (await inbox.health({ timeoutMs: 5_000 })).store).toBe('ok');
});

test('resolves within a second by default while PostgreSQL does not respond', async () => {
  const pool = new pg.Pool({ connectionString: `postgres://blue@127.0.0.1:${await silentServer()}/blue` });
  pool.on('error', () => {});
  const inbox = createInbox({ receiver, store: postgresStore(pool) });
  await expectFailed(inbox, undefined, 2_500);
});

test('resolves in time while Redis does not respond', async () => {
  const inbox = bullmqInbox({ receiver, connection: { host: '127.0.0.1', port: await silentServer() } });
  onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
  await expectFailed(inbox, 200, 1_500);
});

test('says why a store has failed, without anything of its driver', async () => {
  const path = scratchFile();
  const theirs = new Libsql(path);
  onTestFinished(() => void theirs.close());
  theirs.exec('CREATE TABLE theirs (a)');
  const { inbox } = inboxWith({ store: sqliteStore(theirs) });
  expect(await inbox.health()).toMatchObject({ store: 'failed', error: { name: 'StoreError', code: 'NOT_WAL' } });
  const refusing: InboxStore = {
    ...memoryStore(),
    probe: () => Promise.reject(Object.assign(new Error('full'), { sql: 'x' })),
  };
  const { error } = await inboxWith({ store: refusing }).inbox.health();
  expect(error).toMatchObject({ name: 'DriverError', message: expect.stringContaining('full') });
  expect(JSON.stringify({ ...error })).not.toContain('sql');
});

test('runs one check at a time against a store that hangs', async () => {
  let probes = 0;
  const hanging: InboxStore = {
    ...memoryStore(),
    probe() {
      probes += 1;
      return new Promise(() => {});
    },
  };
  const { inbox } = inboxWith({ store: hanging });
  for (let i = 0; i < 5; i++) await expectFailed(inbox, 20, 1_000);
  expect(probes).toBe(1);
});
