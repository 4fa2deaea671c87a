import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseVerified } from '../../src/adapter';
import {
  actorOf,
  changed,
  changes,
  companyOf,
  compareEvents,
  customFieldValues,
  entityOf,
  isStale,
  projectOf,
  subscription,
} from '../../src/changes/index';
import { type BlueEvent, type EventOf, eventNames } from '../../src/index';
import { sample } from '../samples';

type Updated = EventOf<'TODO_DONE_STATUS_UPDATED'>;

/** An update of a record, as a delivery is read. */
function update(before: object | undefined, after: object, event = 'TODO_DONE_STATUS_UPDATED'): Updated {
  const identity = { id: 'r1', title: 'T' };
  const previousValue = before && { ...identity, ...before };
  return parseVerified(JSON.stringify({ event, previousValue, currentValue: { ...identity, ...after } }))
    .event as Updated;
}

const published = (name: Parameters<typeof sample>[0]) => parseVerified(sample(name).body.toString()).event;

describe('changes', () => {
  test('are what differs in columns, and one can be asked for', () => {
    const event = published('todo-done-status-updated') as Updated;
    expect(changes(event)).toEqual([{ field: 'done', before: false, after: true }]);
    expect(changed(event, 'done')).toEqual({ field: 'done', before: false, after: true });
    expect(changed(event, 'title')).toBeUndefined();
  });

  test('are empty for a created or deleted entity, for the health check, and if Blue omits the previous value', () => {
    for (const name of ['todo-created', 'custom-field-deleted-older', 'webhook-health-check'] as const) {
      expect(changes(published(name))).toEqual([]);
    }
    expect(changes(published('record-created-documented'))).toEqual([]);
    expect(changes(update(undefined, { done: true }))).toEqual([]);
  });

  test('list nothing that only one of the two says, that came with another type, or that moves with every change', () => {
    const before = { done: false, color: 'red', archived: 'no', updatedAt: '2026-01-01T00:00:00.000Z' };
    const after = { done: false, cover: 'a.png', archived: true, updatedAt: '2026-01-02T00:00:00.000Z' };
    expect(changes(update(before, after))).toEqual([]);
  });

  test('list a different number, but not the same number as a string', () => {
    expect(changes(update({ position: '32767.50' }, { position: 32767.5 }))).toEqual([]);
    expect(changes(update({ position: 1 }, { position: '2' }))).toHaveLength(1);
    expect(changes(update({ title: '1' }, { title: '1.0' }))).toHaveLength(1);
  });

  test('compare JSON columns as a whole, and undocumented columns too', () => {
    const before = { repeating: { id: 1, days: [1, 2] }, sparkle: 'no', metadata: null };
    const after = { repeating: { id: 1, days: [1, 3] }, sparkle: 'yes', metadata: null };
    expect(changes(update(before, after)).map(({ field }) => field)).toEqual(['repeating', 'sparkle']);
    expect(changes(update({ repeating: { id: 'x', day: 1 } }, { repeating: { id: 'x', day: 2 } }))).toHaveLength(1);
    expect(changes(update({ reminder: { a: 1, b: 2 } }, { reminder: { b: 2, a: 1 } }))).toEqual([]);
    expect(changes(update({ reminder: [] }, { reminder: {} }))).toHaveLength(1);
  });

  test('count a relation as its foreign key, in whichever form it comes, once', () => {
    const moved = { field: 'todoListId', before: 'l1', after: 'l2' };
    const [one, other] = [{ id: 'l1', title: 'Old' }, { id: 'l2' }];
    expect(changes(update({ todoList: one }, { todoList: other }))).toEqual([moved]);
    expect(changes(update({ todoListId: 'l1' }, { todoList: other }))).toEqual([moved]);
    expect(changes(update({ todoListId: 'l1', todoList: one }, { todoListId: 'l2', todoList: other }))).toEqual([
      moved,
    ]);
    expect(changes(update({ todoList: one }, { todoList: { id: 'l1', title: 'New' } }))).toEqual([]);
    expect(changes(update({ createdBy: null }, { createdBy: { id: 'u1' } }))).toEqual([
      { field: 'createdById', before: null, after: 'u1' },
    ]);
  });

  test('list who was assigned, from join rows, their foreign keys, or users', () => {
    const both = { field: 'assignees', before: ['u1', 'u2'], after: ['u2', 'u3'], added: ['u3'], removed: ['u1'] };
    const users = { users: [{ id: 'u1' }, { id: 'u2' }] };
    const keys = {
      todoUsers: [
        { id: 'j2', userId: 'u2' },
        { id: 'j3', userId: 'u3' },
      ],
    };
    const rows = {
      todoUsers: [
        { id: 'j2', user: { id: 'u2' } },
        { id: 'j3', user: { id: 'u3' } },
      ],
    };
    expect(changes(update(users, keys))).toEqual([both]);
    expect(changes(update(users, rows))).toEqual([both]);
    expect(changes(update(keys, rows))).toEqual([]);
  });

  test('list the added and removed tags, and nothing if a join row does not say which tag it joins', () => {
    const one = { todoTags: [{ id: 'j1', tagId: 't1' }] };
    expect(changes(update({ todoTags: [] }, one))).toEqual([
      { field: 'tags', before: [], after: ['t1'], added: ['t1'], removed: [] },
    ]);
    expect(changes(update({ tags: [{ id: 't1' }] }, one))).toEqual([]);
    expect(changes(update({ todoTags: [{ id: 'j1' }] }, one))).toEqual([]);
    expect(changes(update({}, one))).toEqual([]);
  });

  test("cover the entity itself, not a list's computed tags or a custom field's records", () => {
    const tags = [{ id: 't1' }];
    expect(changes(update({ tags: [] }, { tags }, 'TODO_LIST_NAME_CHANGED'))).toEqual([]);
    const todoCustomFields = [{ id: 'v1', customFieldId: 'f1' }];
    const field = (more: object) => ({ name: 'F', ...more });
    expect(
      changes(update(field({ todoCustomFields: [] }), field({ todoCustomFields }), 'CUSTOM_FIELD_UPDATED')),
    ).toEqual([]);
  });
});

describe('where an event comes from', () => {
  const project = { id: 'p1', company: { id: 'c1' } };

  test('is said by the published delivery, which has its workspace and organisation expanded', () => {
    const event = published('todo-created');
    expect(projectOf(event)).toMatchObject({ id: 'clakt90vu000bvt64hhffqleq', name: 'TEEST' });
    expect(companyOf(event)).toMatchObject({ id: 'clakt8jud0002vt64205yyj10', name: 'Rogue' });
    expect(actorOf(event)).toEqual({ id: 'claksl2ye0000vtas0h0ln71e' });
  });

  test.each([
    ['TODO_MOVED', { title: 'T', todoList: { id: 'l1', projectId: 'p1' } }],
    ['TODO_CHECKLIST_CREATED', { todo: { id: 'r1', title: 'T', todoList: { id: 'l1', project } } }],
    [
      'TODO_CHECKLIST_ITEM_CREATED',
      { checklist: { id: 'k1', todo: { id: 'r1', title: 'T', todoList: { id: 'l', project } } } },
    ],
    ['COMMENT_CREATED', { todo: { id: 'r1', title: 'T', todoList: { id: 'l1', project } } }],
    ['COMMENT_CREATED', { discussion: { id: 'd1', projectId: 'p1' } }],
    ['TAG_CREATED', { projectId: 'p1' }],
    ['CUSTOM_FIELD_CREATED', { name: 'F', project, referenceProject: { id: 'p2' } }],
    ['TODO_SPARKLED', { todoList: { id: 'l1', project } }],
  ])('is found above the entity of %s', (event, row) => {
    const body = { event, currentValue: { id: 'e1', ...row } };
    expect(projectOf(parseVerified(JSON.stringify(body)).event)?.id).toBe('p1');
  });

  test('is said by the older shapes too', () => {
    expect(projectOf(published('record-created-documented'))).toEqual({ id: '91011' });
    expect(companyOf(published('record-created-documented'))).toEqual({ id: '5678' });
    expect(actorOf(published('record-created-documented'))).toEqual({ id: '1213' });
    expect(projectOf(published('custom-field-deleted-older'))).toEqual({ id: 'project_123' });
    expect(entityOf(published('custom-field-deleted-older'))).toMatchObject({ name: 'Priority Level' });
  });

  test('is the one workspace that the webhook is subscribed to, but not one of several', () => {
    const body = (projectIds: string[]) =>
      parseVerified(
        JSON.stringify({
          event: 'TODO_CREATED',
          webhook: { id: 'w1', metadata: { projectIds } },
          currentValue: { id: '1', title: 'T' },
        }),
      ).event;
    expect(projectOf(body(['p1']))).toEqual({ id: 'p1' });
    expect(projectOf(body(['p1', 'p2']))).toBeUndefined();
    expect(projectOf(body([]))).toBeUndefined();
  });

  test('is undefined where a delivery does not say', () => {
    const event = published('todo-done-status-updated');
    expect([projectOf(event), companyOf(event), actorOf(event)]).toEqual([undefined, undefined, undefined]);
    expect(projectOf(published('webhook-health-check'))).toBeUndefined();
  });

  test('has an actor where Blue names one: who created it, who wrote it, who deleted it', () => {
    const of = (event: string, row: object, previousValue: unknown = null) =>
      actorOf(parseVerified(JSON.stringify({ event, previousValue, currentValue: row })).event)?.id;
    expect(of('TODO_CHECKLIST_CREATED', { id: '1', createdBy: { id: 'u1' } })).toBe('u1');
    expect(of('COMMENT_CREATED', { id: '1', userId: 'u2', createdById: 'u1' })).toBe('u2');
    expect(of('COMMENT_UPDATED', { id: '1', userId: 'u2' }, { id: '1' })).toBeUndefined();
    const deleted = { event: 'COMMENT_DELETED', previousValue: { id: '1', userId: 'u2', deletedById: 'u3' } };
    expect(actorOf(parseVerified(JSON.stringify(deleted)).event)?.id).toBe('u3');
  });
});

test("a webhook's subscription says all where Blue means all by an empty list", () => {
  expect(subscription(published('todo-done-status-updated'))).toEqual({
    webhookId: 'clm4n8qwx000008l0g4oxdqn7',
    events: 'all',
    projectIds: 'all',
  });
  expect(subscription(published('todo-created'))).toMatchObject({ events: { length: 14 }, projectIds: { length: 3 } });
  expect(subscription(published('custom-field-deleted-older'))).toBeUndefined();
  const event = parseVerified('{"event":"TODO_SPARKLED","webhook":{"id":"w1"}}').event;
  expect(subscription(event)).toEqual({ webhookId: 'w1', events: undefined, projectIds: undefined });
});

describe('the order of events', () => {
  const at = (updatedAt: string | undefined) => update({}, { updatedAt });
  const deleted = parseVerified(
    '{"event":"TODO_DELETED","previousValue":{"id":"r1","title":"T","updatedAt":"2026-01-02T00:00:00.000Z"}}',
  ).event;
  const created = parseVerified(
    '{"event":"TODO_CREATED","currentValue":{"id":"r1","title":"T","updatedAt":"2026-01-02T00:00:00.000Z"}}',
  ).event;

  test('is stale before what is known, not at the same time, and never for a deletion or without a time', () => {
    const known = '2026-01-03T00:00:00.000Z';
    expect(isStale(at('2026-01-02T00:00:00.000Z'), known)).toBe(true);
    expect(isStale(at('2026-01-02T23:59:59.999Z'), new Date(known))).toBe(true);
    expect(isStale(at(known), known)).toBe(false);
    expect(isStale(at('2026-01-04T00:00:00.000Z'), known)).toBe(false);
    expect(isStale(deleted, known)).toBe(false);
    expect(isStale(created, known)).toBe(true);
    expect([isStale(at(undefined), known), isStale(at('soon'), known)]).toEqual([false, false]);
    for (const never of [undefined, null, 'soon']) expect(isStale(at('2026-01-02T00:00:00.000Z'), never)).toBe(false);
  });

  test('puts a creation first and a deletion last of the same time, and what has no time after all', () => {
    const same = at('2026-01-02T00:00:00.000Z');
    const unknown = at(undefined);
    expect([unknown, deleted, same, created].toSorted(compareEvents)).toEqual([created, same, deleted, unknown]);
  });

  test('is an order: the same from both sides, and without circles', () => {
    const times = fc.constantFrom(undefined, '2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z');
    const events = fc.oneof(times.map(at), fc.constantFrom(deleted, created));
    fc.assert(
      fc.property(events, events, events, (a, b, c) => {
        expect(compareEvents(a, b) + compareEvents(b, a)).toBe(0);
        if (compareEvents(a, b) <= 0 && compareEvents(b, c) <= 0) expect(compareEvents(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('whatever comes, no helper throws', () => {
  const helpers: readonly ((event: BlueEvent) => unknown)[] = [
    changes,
    entityOf,
    projectOf,
    companyOf,
    actorOf,
    subscription,
    (event: BlueEvent) => isStale(event, '2026-01-01T00:00:00.000Z'),
    (event: BlueEvent) => compareEvents(event, event),
    (event: BlueEvent) => customFieldValues(event.event === 'TODO_MOVED' ? event.currentValue : undefined),
  ];
  const keys = ['id', 'title', 'todoUsers', 'todoTags', 'users', 'tags', 'todoCustomFields', 'customFields'].concat(
    ['customField', 'customFieldId', 'type', 'number', 'countryCodes', 'todoList', 'project', 'projectId', '__proto__'],
    ['checklist', 'todo', 'createdBy', 'updatedAt', 'selectedOptions', 'todoCustomFieldOptions', 'name', 'webhook'],
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 5 }, fc.constantFrom(null, 1, 'DE', true, ''), fc.array(tie('tree')), tie('row')),
    row: fc.dictionary(fc.constantFrom(...keys), tie('tree')),
  }));
  const names = fc.constantFrom(...Object.values(eventNames).flat(), 'TODO_SPARKLED', 'RECORD_CREATED');

  test('of a delivery that was read', () => {
    fc.assert(
      fc.property(names, tree, tree, tree, (event, previousValue, currentValue, webhook) => {
        const body = { event, webhook, previousValue, currentValue, record: currentValue };
        const read = parseVerified(JSON.stringify(body)).event;
        for (const help of helpers) expect(() => help(read)).not.toThrow();
      }),
      { numRuns: 150 },
    );
  });

  test('of an event that somebody has made up, past all types', () => {
    fc.assert(
      fc.property(names, tree, tree, tree, (event, previousValue, currentValue, webhook) => {
        const made = { event, webhook, previousValue, currentValue } as unknown as BlueEvent;
        for (const help of helpers) expect(() => help(made)).not.toThrow();
      }),
      { numRuns: 150 },
    );
  });

  test('of rows that contain themselves, and of JSON nested as deep as a body allows', () => {
    const row: Record<string, unknown> = { id: 'r1', title: 'T' };
    row.todo = row;
    const circular = {
      event: 'TODO_MOVED',
      webhook: null,
      previousValue: row,
      currentValue: row,
    } as unknown as BlueEvent;
    for (const help of helpers) expect(() => help(circular)).not.toThrow();
    const deep = (end: string) => `${'['.repeat(200_000)}${end}${']'.repeat(200_000)}`;
    const text = `{"event":"TODO_MOVED","previousValue":{"id":"1","title":"T","repeating":${deep('1')}},"currentValue":{"id":"1","title":"T","repeating":${deep('2')}}}`;
    expect(changes(parseVerified(text).event)).toHaveLength(1);
  });
});

describe('columns that are built to do harm', () => {
  const moved = (previousValue: object, currentValue: object) =>
    ({ event: 'TODO_MOVED', webhook: null, previousValue, currentValue }) as unknown as EventOf<'TODO_MOVED'>;

  test('__proto__ is a column like any other', () => {
    const [before, after] = ['{"id":"1","__proto__":1}', '{"id":"1","__proto__":2}'].map((json) => JSON.parse(json));
    expect(changes(moved(before, after))).toEqual([{ field: '__proto__', before: 1, after: 2 }]);
    expect(changes(moved(before, { id: '1' }))).toEqual([]);
    expect(changes(moved({ id: '1' }, after))).toEqual([]);
  });

  test('values of 100,000 levels are compared', () => {
    for (const wrap of [(value: unknown) => [value], (value: unknown) => ({ a: value })]) {
      let deep: unknown = 1;
      for (let level = 0; level < 100_000; level++) deep = wrap(deep);
      const field = { customFieldId: 'f', customField: { id: 'f', name: 'F', type: 'LOOKUP' }, value: deep };
      const row = { id: '1', title: 'T', cover: deep, todoCustomFields: [field] };
      expect(changes(moved(row, { ...row }))).toEqual([]);
      expect(changes(moved(row, { ...row, cover: 1 }))).toHaveLength(1);
    }
  });

  test('custom fields that changed together are all returned', () => {
    const row = (...texts: string[]) => ({
      id: '1',
      title: 'T',
      todoCustomFields: texts.map((text, place) => ({
        customFieldId: `f${place}`,
        customField: { id: `f${place}`, name: `F${place}`, type: 'TEXT_SINGLE' },
        text,
      })),
    });
    const event = { ...moved(row('a', 'b', 'c'), row('x', 'b', 'z')), event: 'TODO_CUSTOM_FIELD_UPDATED' } as never;
    const fields = changed(event as EventOf<'TODO_CUSTOM_FIELD_UPDATED'>, 'customField');
    expect(fields?.map(({ customFieldId, after }) => [customFieldId, after])).toEqual([
      ['f0', 'x'],
      ['f2', 'z'],
    ]);
    expect(changed(moved(row('a'), row('a')), 'customField')).toBeUndefined();
  });
});
