import { join } from 'node:path';
import { createReceiver, type DeliveryHandler, UnrecoverableError } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '@blue-webhooks/inbox';
import { type Deliverable, fixtures, signedDelivery } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
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

/** A file with three deliveries: one done, one dead, one whose fields are hostile. */
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

test('an inbox is listed, shown, counted and replayed', async () => {
  const { db, ids } = await inboxFile();
  const inbox = (...args: string[]) => run(['inbox', ...args, '--db', db], { env: {} });

  const listed = await inbox('list');
  expect(listed).toMatchObject({ code: 0, err: '' });
  for (const id of Object.values(ids)) expect(listed.out).toContain(id);
  expect(listed.out).toContain(String.raw`no such list\x1b[2J`);
  expect(listed.out).not.toMatch(/(?!\n)\p{Cc}/u);

  const dead = JSON.parse((await inbox('list', '--state', 'dead', '--event', 'todo_moved', '--json')).out);
  expect(dead).toMatchObject([{ id: ids.dead, state: 'dead', attempts: 1 }]);
  expect((await inbox('list', '--since', '2999-01-01')).err).toBe('Nothing is like that.\n');

  const shown = await inbox('show', ids.dead.slice(0, 8));
  expect(shown.out).toContain(ids.dead);
  expect(JSON.parse(shown.out.slice(shown.out.indexOf('{')))).toEqual(fixtures.TODO_MOVED);
  const hostile = await inbox('show', ids.hostile);
  expect(hostile.out).not.toMatch(/(?!\n)\p{Cc}/u);

  expect((await inbox('stats')).out).toMatch(/done +2\n(.*\n)*dead +1\n/);
  expect((await inbox('replay', '--state', 'dead')).out).toContain('1 will run again');
  expect((await inbox('replay', ids.done)).out).toContain('1 will run again');
  expect(JSON.parse((await inbox('stats', '--json')).out)).toMatchObject({ waiting: 2, done: 1, dead: 0 });
  expect((await inbox('replay', '--state', 'dead')).code).toBe(1);
});

const file = () => scratchFile('This is no database, and long enough to be seen as none.'.repeat(100));
test.each<[string, () => string[], string]>([
  ['no action', () => ['inbox', '--db', file()], 'list, show, replay, stats'],
  ['an unknown action', () => ['inbox', 'lst', '--db', file()], 'Did you mean list'],
  ['no file', () => ['inbox', 'list'], '--db FILE'],
  ['a file that does not exist', () => ['inbox', 'list', '--db', 'none.db'], 'no such file'],
  ['a file that is no database', () => ['inbox', 'list', '--db', file()], 'is no inbox'],
  ['an unknown state', () => ['inbox', 'list', '--db', file(), '--state', 'ded'], 'Did you mean dead'],
  ['a time that is none', () => ['inbox', 'list', '--db', file(), '--since', 'now'], '--since'],
])('%s gives one clear line and exit code 2', async (_title, args, words) => {
  const { code, out, err } = await run(args());
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^blue-webhooks: [^\n]+\n$/);
  expect(err).toContain(words);
});

test('an id that is none, and a replay of everything, are refused', async () => {
  const { db } = await inboxFile();
  expect((await run(['inbox', 'show', 'abcdef', '--db', db])).err).toContain('There is no delivery');
  expect((await run(['inbox', 'show', '--db', db])).err).toContain('needs one ID');
  expect((await run(['inbox', 'replay', '--db', db])).err).toContain('a filter');
});
