import { memoryKnown } from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { expect, test } from 'vitest';
import { lived } from './lived';

type Row = Record<string, unknown> & { id: string };

/** A workspace whose webhook is off, and what changes a record in it by events that nobody receives. */
async function off(api: Parameters<typeof lived>[0] = {}) {
  const world = await lived(api);
  const { blue, clock, handed, later } = world;
  const since = new Date(clock.now());
  blue.disable();
  const rowOf = (id: string) => blue.api.rows('record').find((row) => row.id === id) as Row;
  const change = async (event: string, id: string, columns: object) => {
    await clock.sleep(10_000);
    const previousValue = rowOf(id);
    await blue.emit({ event, previousValue, currentValue: { ...previousValue, ...columns, updatedAt: later() } } as {
      event: string;
    });
  };
  /** Moves a record to two other lists. Returns its list before, and afterwards. */
  const moveTwice = async (id: string) => {
    const from = rowOf(id).todoListId;
    const [one, other] = blue.api.rows('list').filter((list) => list.id !== from);
    for (const list of [one, other]) await change('TODO_MOVED', id, { todoListId: list?.id });
    return [from, other?.id];
  };
  const steps = () =>
    handed.flatMap(({ rawBody }) => {
      const { step } = JSON.parse(rawBody) as { step?: Record<string, unknown> };
      return step ? [step] : [];
    });
  const histories = () => blue.api.requests.filter(({ fields }) => fields[0] === 'todoActivity');
  const run = (more: Parameters<typeof world.run>[0] = {}) => world.run({ since, mode: 'changed', ...more });
  return { ...world, run, change, moveTwice, steps, histories, rowOf };
}

test.each(['A', 'B', 'C'] as const)(
  'passes on each of several moves, the net change last (generation %s)',
  async (generation) => {
    const { run, record, moveTwice, names, events, steps } = await off({ generation });
    const { id } = record();
    const [from, to] = await moveTwice(id);
    expect(await run()).toMatchObject({ repaired: 2, steps: 1, stepsUnread: 0, unknownKind: 0 });
    expect(names()).toEqual(['TODO_MOVED', 'TODO_MOVED']);
    const [first, last] = events() as unknown as Record<'previousValue' | 'currentValue', Row | null>[];
    expect(first).toMatchObject({ previousValue: null, currentValue: { id, todoListId: to } });
    expect(last).toMatchObject({ previousValue: { todoListId: from }, currentValue: { todoListId: to } });
    expect(steps()).toMatchObject([{ type: 'CHANGE_TODO_LIST', at: expect.stringMatching(/^2026-/) }]);
    expect(await run()).toMatchObject({ repaired: 0, steps: 0 });
  },
);

test('passes on a change and its undoing, which leave no difference', async () => {
  const { run, record, change, names, steps, rowOf } = await off();
  const { id, title } = record();
  await change('TODO_NAME_CHANGED', id, { title: 'Renamed' });
  await change('TODO_NAME_CHANGED', id, { title });
  expect(await run()).toMatchObject({ repaired: 2, steps: 2, unknownKind: 0 });
  expect(names()).toEqual(['TODO_NAME_CHANGED', 'TODO_NAME_CHANGED']);
  expect(steps()).toMatchObject([{ newValue: 'Renamed' }, { oldValue: 'Renamed', newValue: title }]);
  expect(rowOf(id).title).toBe(title);
  expect(await run()).toMatchObject({ repaired: 0 });
});

test('names the changes of a record of which no earlier row is known', async () => {
  const { run, record, change, names } = await off();
  await change('TODO_DONE_STATUS_UPDATED', record().id, { done: true });
  expect(await run({ known: memoryKnown(), stepRequests: 0 })).toMatchObject({ unknownKind: 1, stepsUnread: 1 });
  expect(await run({ known: memoryKnown() })).toMatchObject({ unknownKind: 0, steps: 1, stepsUnread: 0 });
  expect(names()).toEqual(['UNKNOWN NO_EARLIER_ROW', 'TODO_DONE_STATUS_UPDATED']);
});

test('gives a step the same id again where a handler has failed', async () => {
  const { run, record, moveTwice, handed } = await off();
  await moveTwice(record().id);
  const seen: string[] = [];
  const failing = createReceiver({ allowUnsigned: true }).on('TODO_MOVED', (_, { id }) => {
    seen.push(id);
    if (seen.length === 2) throw new Error('bug');
  });
  expect(await run({ to: failing })).toMatchObject({ repaired: 1, failed: 1 });
  await run();
  expect(handed.map(({ id }) => id)).toEqual(seen);
});

test('reads nothing for records that have not changed, and no more than stepRequests allows', async () => {
  const { run, blue, change, histories } = await off();
  expect(await run()).toMatchObject({ repaired: 0, stepsUnread: 0 });
  expect(histories()).toEqual([]);
  const ids = blue.api.rows('record').map(({ id }) => id as string);
  for (const id of ids) await change('TODO_NAME_CHANGED', id, { title: `Renamed ${id}` });
  expect(await run({ dryRun: true, stepRequests: 0 })).toMatchObject({ stepsUnread: ids.length });
  expect(histories()).toEqual([]);
  expect(await run({ stepRequests: 1 })).toMatchObject({ repaired: ids.length, stepsUnread: 0 });
  expect(histories()).toHaveLength(1);
});

test('reads on where a record has more steps than one page', async () => {
  const { run, record, change, steps, histories } = await off();
  const { id } = record();
  for (let count = 1; count <= 60; count++) await change('TODO_NAME_CHANGED', id, { title: `Title ${count}` });
  expect(await run({ dryRun: true, stepRequests: 2 })).toMatchObject({ stepsUnread: 1, repaired: 1 });
  expect(await run()).toMatchObject({ repaired: 60, steps: 59, stepsUnread: 0 });
  expect(steps().map(({ newValue }) => newValue)).toEqual(
    Array.from({ length: 59 }, (_, place) => `Title ${place + 1}`),
  );
  expect(histories()).toHaveLength(2 + 3);
});

test('keeps the steps of the other records if one is gone meanwhile', async () => {
  const { run, blue, change } = await off();
  const ids = blue.api.rows('record').map(({ id }) => id as string);
  for (const id of ids) {
    await change('TODO_NAME_CHANGED', id, { title: 'Renamed' });
    await change('TODO_NAME_CHANGED', id, { title: 'Renamed again' });
  }
  blue.api.onRequest = ({ fields }) => void (fields[0] === 'recordQueries' && blue.api.hide(ids[3] as string));
  const others = ids.length - 1;
  expect(await run({ dryRun: true })).toMatchObject({ steps: others, stepsUnread: 1, incomplete: [] });
});

test('stops if the history of no record can be read', async () => {
  const { run, blue, change, histories } = await off();
  const ids = blue.api.rows('record').map(({ id }) => id as string);
  for (const id of ids) await change('TODO_NAME_CHANGED', id, { title: 'Renamed' });
  blue.api.onRequest = ({ fields }) => {
    if (fields[0] === 'recordQueries') for (const id of ids) blue.api.hide(id);
  };
  expect(await run({ dryRun: true })).toMatchObject({ steps: 0, stepsUnread: ids.length, incomplete: [] });
  expect(histories()).toHaveLength(7);
});

test.each([
  ['that shows its schema', {}, 0],
  ['that refuses introspection', { introspection: false }, 1],
  ['that masks validation errors', { introspection: false, validationErrors: 'masked' }, 3],
] as const)('goes on without steps on a Blue without a history, %s', async (_, api, requests) => {
  const { run, blue, record, change, names } = await off({ history: false, ...api });
  await change('TODO_NAME_CHANGED', record().id, { title: 'Renamed' });
  const refused = () => blue.api.requests.filter(({ kind }) => kind === 'unknown').length;
  const before = refused();
  expect(await run()).toMatchObject({ repaired: 1, stepsUnread: 1, incomplete: [], failed: 0 });
  expect(names()).toEqual(['TODO_NAME_CHANGED']);
  expect(refused() - before).toBe(requests);
});

test('throws TypeError for an invalid stepRequests', async () => {
  const { run } = await off();
  await expect(run({ stepRequests: -1 })).rejects.toThrow('`stepRequests` must be 0 or a positive integer.');
});
