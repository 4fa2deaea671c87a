import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteStore } from '@blue-webhooks/inbox';
import { createBlueSimulator, createVirtualClock } from '@blue-webhooks/testing';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createEndpoint, type EndpointOptions } from '../src/endpoint';

const secret = 'a secret of the example';

// The example logs dead letters, which these tests provoke.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

async function system(syncRecord: EndpointOptions['syncRecord']) {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-example-'));
  const { app, inbox } = createEndpoint({ secret, store: sqliteStore(join(folder, 'inbox.db')), syncRecord });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await inbox.stop({ timeoutMs: 0 });
    rmSync(folder, { recursive: true });
  });
  await inbox.start();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`;
  return { inbox, blue: createBlueSimulator({ url, secret, clock: createVirtualClock() }) };
}

test('a record is synchronised after the response, however long that takes', async () => {
  const synchronised: string[] = [];
  let finish = () => {};
  const { inbox, blue } = await system(async (_id, title) => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    synchronised.push(title);
  });
  expect((await blue.emit('TODO_CREATED', { currentValue: { title: 'Invoice' } })).outcome).toBe('delivered');
  await vi.waitUntil(async () => (await inbox.stats()).active === 1, { timeout: 10_000 });
  expect(synchronised).toEqual([]);
  finish();
  await vi.waitUntil(async () => (await inbox.stats()).done === 1, { timeout: 10_000 });
  expect(synchronised).toEqual(['Invoice']);
});

test('a record that cannot be synchronised becomes a dead letter, and can be replayed', async () => {
  const { inbox, blue } = await system(async () => {});
  expect((await blue.emit('TODO_CREATED', { currentValue: { title: '' } })).outcome).toBe('delivered');
  await vi.waitUntil(async () => (await inbox.stats()).dead === 1, { timeout: 10_000 });
  expect(console.error).toHaveBeenCalledWith(expect.stringMatching(/^Dead letter: TODO_CREATED /), expect.anything());
  expect(await inbox.replay({ state: 'dead' })).toBe(1);
  await vi.waitUntil(async () => (await inbox.stats()).dead === 1, { timeout: 10_000 });
});
