import { catchUp, followKnown, memoryKnown, sqliteKnown } from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, memoryStore } from '@blue-webhooks/inbox';
import { scenario } from '@blue-webhooks/testing';
import Libsql from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { secret, world } from './world';

/** A receiver that fills `known`, and events of one record. */
function following() {
  const known = memoryKnown();
  const receiver = createReceiver({ secret });
  followKnown(receiver, known);
  const row = (title: string, second: number) => ({
    id: 'r1',
    title,
    todoListId: 'l1',
    todoList: { id: 'l1', projectId: 'p1', project: { id: 'p1' } },
    updatedAt: `2026-01-13T12:00:0${second}.000Z`,
  });
  const receive = (event: string, previousValue: object | null, currentValue: object | null, more: object = {}) =>
    receiver.dispatch({
      id: 'd1',
      rawBody: JSON.stringify({ event, previousValue, currentValue }),
      signature: 'verified',
      secretId: undefined,
      receivedAt: new Date(),
      attempt: undefined,
      signal: new AbortController().signal,
      ...more,
    });
  const title = async () => {
    const [record] = await known.list('record', 'p1');
    return record?.deletedAtMs === undefined ? record?.row.title : 'deleted';
  };
  return { row, receive, title };
}

test('followKnown keeps the newer of two rows that arrive out of order', async () => {
  const { row, receive, title } = following();
  await receive('TODO_NAME_CHANGED', row('One', 1), row('Three', 3));
  await receive('TODO_NAME_CHANGED', row('One', 1), row('Two', 2));
  expect(await title()).toBe('Three');
  await receive('TODO_NAME_CHANGED', row('Three', 3), row('Four', 4));
  expect(await title()).toBe('Four');
});

test('followKnown undoes no deletion by an update from before it, but by one after a restoration', async () => {
  const { row, receive, title } = following();
  await receive('TODO_DELETED', row('Two', 2), null);
  await receive('TODO_NAME_CHANGED', row('One', 1), row('Two', 2));
  expect(await title()).toBe('deleted');
  await receive('TODO_NAME_CHANGED', row('Two', 2), row('Restored and renamed', 5));
  expect(await title()).toBe('Restored and renamed');
});

test('followKnown leaves events of catchUp alone, which stores their rows itself', async () => {
  const { row, receive, title } = following();
  await receive('TODO_NAME_CHANGED', null, row('Backfilled', 1), { signature: 'backfill' });
  expect(await title()).toBeUndefined();
});

test('an inbox fills `known` by itself, so that catchUp finds only what it has missed', async () => {
  const database = new Libsql(':memory:');
  onTestFinished(() => void database.close());
  const known = sqliteKnown(database);
  const receiver = createReceiver({ secret });
  followKnown(receiver, known);
  const inbox = createInbox({ receiver, store: memoryStore() });
  await inbox.start();
  onTestFinished(() => inbox.stop());
  const { blue, clock, client } = world({}, inbox.fetch);
  await blue.play(scenario({ seed: 4, records: 6 }));
  await expect.poll(async () => (await inbox.stats()).done, { timeout: 20_000 }).toBe(blue.report.counts.delivered);
  const rows = blue.api.rows('record') as { id: string; projectId?: string; title: string }[];
  const [{ projectId }] = blue.api.rows('list') as [{ projectId: string }];
  const stored = (await known.list('record', projectId)).filter(({ deletedAtMs }) => deletedAtMs === undefined);
  expect(new Map(stored.map(({ id, row }) => [id, row.title]))).toEqual(
    new Map(rows.map(({ id, title }) => [id, title])),
  );

  await clock.sleep(600_000);
  const since = new Date(clock.now());
  await clock.sleep(60_000);
  blue.disable();
  const [record] = rows;
  blue.api.patch('record', record?.id ?? '', { title: 'Renamed', updatedAt: new Date(clock.now()).toISOString() });
  const renamed: unknown[] = [];
  receiver.on('TODO_NAME_CHANGED', (event, { signature }) => void renamed.push([signature, event.currentValue.title]));
  expect(await catchUp({ client: client(), since, projects: 'all', to: inbox, known })).toMatchObject({ repaired: 1 });
  await expect.poll(() => renamed).toEqual([['backfill', 'Renamed']]);
});
