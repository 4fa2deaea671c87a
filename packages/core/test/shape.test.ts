import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Drift } from '../src/shape';

let conform: typeof import('../src/shape').conform;
// Tables are read once and kept: each test loads them again.
beforeEach(async () => {
  vi.resetModules();
  ({ conform } = await import('../src/shape'));
});

/** What becomes of a payload. */
function conformed(event: string, payload: object) {
  const drift: Drift[] = [];
  const kept = structuredClone(payload);
  const identified = conform(kept, event, drift);
  return { identified, drift: drift.map(({ path, expected }) => `${path}: ${expected}`), kept };
}
const record = { id: '1', title: 'T' };
const created = (currentValue: unknown, webhook?: unknown) =>
  conformed('TODO_CREATED', { event: 'TODO_CREATED', currentValue, ...(webhook === undefined ? {} : { webhook }) });

test('a payload that is as documented stays as it is', () => {
  const currentValue = {
    ...record,
    position: 1,
    done: true,
    text: null,
    unheardOf: { id: 7 },
    tags: [{ id: 't1', title: 'Tag', project: { id: 'p1', name: 'P' } }],
    todoList: { id: 'l1' },
  };
  const result = created(currentValue, { id: 'w1', metadata: { events: ['TODO_CREATED'], projectIds: null } });
  expect(result).toMatchObject({ identified: true, drift: [] });
  expect(result.kept).toMatchObject({ currentValue, webhook: { id: 'w1', metadata: { events: ['TODO_CREATED'] } } });
});

describe('what identifies an entity', () => {
  test.each<[string, unknown, string[]]>([
    ['has no id', { title: 'T' }, ['currentValue.id: string']],
    ['has no title', { id: '1' }, ['currentValue.title: string']],
    ['has neither', {}, ['currentValue.id: string', 'currentValue.title: string']],
    ['has a number as its id', { ...record, id: 1 }, ['currentValue.id: string']],
    ['has null as its id', { ...record, id: null }, ['currentValue.id: string']],
    ['is a list', [record], ['currentValue: object']],
    ['is null', null, ['currentValue: object']],
    ['is a text', 'T', ['currentValue: object']],
  ])('is missed in a record that %s', (_, currentValue, drift) => {
    expect(created(currentValue)).toMatchObject({ identified: false, drift });
  });

  test('of a related row is missed by that relation only', () => {
    const result = created({ ...record, todoList: { title: 'L' }, tags: [{ id: 't1' }, { title: 'no id' }] });
    expect(result).toMatchObject({
      identified: true,
      drift: ['currentValue.todoList.id: string', 'currentValue.tags.1.id: string'],
    });
    expect(result.kept).toEqual({ event: 'TODO_CREATED', currentValue: record });
  });
});

describe('a field of another type', () => {
  test.each<[string, object, string]>([
    ['a text in place of a boolean', { done: 'yes' }, 'done: boolean'],
    ['a boolean in place of a position', { position: false }, 'position: number or string'],
    ['a number in place of a text', { text: 5 }, 'text: string'],
    ['an object in place of a text', { text: {} }, 'text: string'],
    ['a list in place of a text', { text: [] }, 'text: string'],
    ['an object in place of a list', { tags: { id: 't1' } }, 'tags: array'],
    ['a text in place of a list', { tags: 't1' }, 'tags: array'],
    ['a list in place of a row', { todoList: [{ id: 'l1' }] }, 'todoList: object'],
    ['a text in place of a row', { todoList: 'l1' }, 'todoList: object'],
    ['a text in a list of rows', { tags: ['t1'] }, 'tags.0: object'],
    ['null in a list of rows', { tags: [{ id: 't1' }, null] }, 'tags.1: object'],
  ])('%s is removed and listed', (_, fields, expected) => {
    const result = created({ ...record, ...fields });
    expect(result).toMatchObject({ identified: true, drift: [`currentValue.${expected}`] });
    expect(result.kept).toEqual({ event: 'TODO_CREATED', currentValue: record });
  });

  test('a previous value of what was created is removed', () => {
    const result = conformed('TODO_CREATED', { event: 'TODO_CREATED', previousValue: record, currentValue: record });
    expect(result).toMatchObject({ identified: true, drift: ['previousValue: null'] });
    expect(result.kept).toEqual({ event: 'TODO_CREATED', currentValue: record });
  });
});

test('only a closed table removes the fields that it does not name, and lists none of them', () => {
  const result = created({ ...record, more: 1 }, { id: 'w1', more: 1, metadata: { more: 1 } });
  expect(result).toMatchObject({ identified: true, drift: [] });
  const currentValue = { ...record, more: 1 };
  expect(result.kept).toEqual({ event: 'TODO_CREATED', currentValue, webhook: { id: 'w1', metadata: {} } });
});

test('rows are read alike in whatever order their fields come', () => {
  const rows = [
    { id: 't1', title: 'A', color: 1 },
    { color: 2, title: 'B', id: 't2' },
    { title: 'C', unheardOf: 3, color: 3, id: 't3' },
    { id: 't4', title: 4 },
  ];
  const result = created({ ...record, tags: rows });
  expect(result.drift).toEqual(
    [0, 1, 2].map((place) => `currentValue.tags.${place}.color: string`).concat('currentValue.tags.3.title: string'),
  );
  expect(result.kept).toMatchObject({
    currentValue: { tags: [{ id: 't1' }, { id: 't2' }, { id: 't3', unheardOf: 3 }, { id: 't4' }] },
  });
});

test('the first hundred fields are listed', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, place) => ({ id: `t${place}`, title: place }));
  expect(created({ ...record, tags: rows(100) }).drift).toHaveLength(100);
  const { drift, kept } = created({ ...record, tags: rows(101) });
  expect(drift).toHaveLength(100);
  expect((kept as { currentValue: { tags: object[] } }).currentValue.tags[100]).toEqual({ id: 't100' });
});
