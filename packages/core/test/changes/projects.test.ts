import { expect, test } from 'vitest';
import { createReceiver, memoryLedger, type StoredDelivery, sign } from '../../src/index';

const secret = 'a secret';

/** A record of a workspace, or of one that the delivery does not say. */
const created = (projectId?: string, event = 'TODO_CREATED') =>
  JSON.stringify({ event, currentValue: { id: '1', title: 'T', todoList: { id: 'l1', projectId } } });

async function request(body: string): Promise<Request> {
  const headers = { 'x-signature': await sign(body, secret) };
  return new Request('http://localhost/webhooks/blue', { method: 'POST', headers, body });
}

const stored = (rawBody: string): StoredDelivery => ({
  id: 'd1',
  signature: 'verified',
  secretId: '0',
  receivedAt: new Date(),
  attempt: 1,
  rawBody,
  signal: new AbortController().signal,
});

test('a receiver for some workspaces acknowledges the rest without handling it, and handles what says no workspace', async () => {
  const handled: string[] = [];
  const ledger = memoryLedger();
  const receiver = createReceiver({ secret, ledger, projects: ['p1', 'p2'] })
    .on('TODO_CREATED', (event) => handled.push(event.currentValue.todoList?.projectId ?? 'unsaid'))
    .onUnknown((event) => handled.push(event.name));
  for (const body of [
    created('p1'),
    created('p3'),
    created('p2'),
    created(),
    created('p3', 'NEW'),
    created('p1', 'NEW'),
  ]) {
    expect((await receiver.fetch(await request(body))).status).toBe(204);
  }
  expect(handled).toEqual(['p1', 'p2', 'unsaid', 'NEW']);
  await receiver.dispatch(stored(created('p3')));
  await receiver.dispatch(stored(created('p2')));
  expect(handled).toHaveLength(5);
});

test('a handler for one workspace, or several, runs for events that say they belong there', async () => {
  const handled: string[] = [];
  const receiver = createReceiver({ secret })
    .on('TODO_CREATED', { project: 'p1' }, (event) => handled.push(`p1: ${event.currentValue.title}`))
    .on(['TODO_CREATED', 'TAG_CREATED'], { project: ['p1', 'p2'] }, () => handled.push('several'));
  for (const project of ['p1', 'p2', 'p3', undefined]) {
    expect((await receiver.fetch(await request(created(project)))).status).toBe(204);
  }
  expect(handled).toEqual(['p1: T', 'several', 'several']);
});

test("a filtered handler's failure is answered like any other's", async () => {
  const receiver = createReceiver({ secret }).on('TODO_CREATED', { project: 'p1' }, async () => {
    throw new Error('down');
  });
  expect((await receiver.fetch(await request(created('p1')))).status).toBe(500);
  expect((await receiver.fetch(await request(created('p2')))).status).toBe(204);
});

test.each([[[]], [['']], ['p1'], [[1]]])('%j as workspaces is refused immediately, with the cure', (projects) => {
  expect(() => createReceiver({ secret, projects: projects as string[] })).toThrow(/at least one workspace/);
});

test.each([[{}], [{ project: [] }], [{ project: '' }], [null], ['p1']])('so is the filter %j', (filter) => {
  const receiver = createReceiver({ secret });
  expect(() => receiver.on('TODO_CREATED', filter as { project: string }, () => {})).toThrow(/at least one workspace/);
});
