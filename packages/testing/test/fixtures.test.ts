import { type EventOf, eventNames, sign, verify } from '@blue-webhooks/core';
import { type FixtureName, fixtures, samples } from '@blue-webhooks/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { payloads } from '../src/payloads';

const secret = 'blue-test-secret-1';
const names = Object.keys(fixtures) as FixtureName[];
const catalogue = Object.values(eventNames).flat();

const deliver = async (payload: object) => {
  const body = JSON.stringify(payload);
  return verify({ body, signature: await sign(body, secret), secret });
};

test('every event of the catalogue has a fixture, and a payload of its current shape', () => {
  expect(catalogue).toHaveLength(37);
  expect(names).toEqual(expect.arrayContaining([...catalogue]));
  expect(Object.keys(payloads).sort()).toEqual([...catalogue].sort());
  const others = names.filter((name) => !(catalogue as string[]).includes(name));
  expect(others).toEqual(['WEBHOOK_HEALTH_CHECK', 'RECORD_CREATED', 'CUSTOM_FIELD_DELETED_OLDER', 'TODO_ARCHIVED']);
});

describe.each(names)('the fixture %s', (name) => {
  test('parses as its event, without drift', async () => {
    const { event, drift } = await deliver(fixtures[name]);
    const expected = { CUSTOM_FIELD_DELETED_OLDER: 'CUSTOM_FIELD_DELETED', TODO_ARCHIVED: 'UNKNOWN' }[name as string];
    expect(event.event).toBe(expected ?? name);
    expect(drift).toEqual([]);
  });

  test('is a copy that a test can change', () => {
    const before = JSON.stringify(fixtures[name]);
    const copy = fixtures[name] as { event: string; currentValue?: { title?: string } | null };
    copy.event = 'CHANGED';
    if (copy.currentValue) copy.currentValue.title = 'Changed';
    expect(JSON.stringify(fixtures[name])).toBe(before);
  });
});

test.each(Object.entries(payloads))('the current shape of %s parses without drift', async (name, payload) => {
  const { event, drift } = await deliver(payload);
  expect(event.event).toBe(name);
  expect(drift).toEqual([]);
});

test.each(Object.entries(samples))('the fixture %s is the published sample, byte for byte', (name, sample) => {
  expect(JSON.stringify(fixtures[name as keyof typeof samples])).toBe(sample.body);
});

test('an update changes what its event is about', () => {
  const changed = Object.values(payloads).flatMap(({ event, previousValue, currentValue }) => {
    if (!previousValue || !currentValue) return [];
    const after = currentValue as Record<string, unknown>;
    const fields = Object.entries(previousValue).filter(([key, before]) => before !== after[key]);
    return [[event, fields.map(([key]) => key).sort()]];
  });
  expect(Object.fromEntries(changed)).toMatchObject({
    TODO_MOVED: ['position', 'todoList', 'todoListId', 'updatedAt'],
    TODO_NAME_CHANGED: ['title', 'updatedAt'],
    TODO_DONE_STATUS_UPDATED: ['done', 'updatedAt'],
    TODO_DUE_DATE_ADDED: ['duedAt', 'timezone', 'updatedAt'],
    TODO_DUE_DATE_REMOVED: ['duedAt', 'updatedAt'],
    TODO_ASSIGNEE_ADDED: ['todoUsers', 'updatedAt'],
    TODO_TAG_REMOVED: ['todoTags', 'updatedAt'],
    TODO_CUSTOM_FIELD_UPDATED: ['todoCustomFields', 'updatedAt'],
  });
  for (const [, fields] of changed) expect((fields as string[]).length).toBeGreaterThan(1);
});

describe('the rows are shaped as in the published delivery', () => {
  const kind = (value: unknown) => (Array.isArray(value) ? 'array' : typeof value);
  const shape = (row: object) => Object.entries(row).map(([key, value]) => [key, kind(value)]);

  test('a record has its columns, in order, and its position is a decimal string', () => {
    const row = payloads.TODO_CREATED.currentValue;
    expect(Object.keys(row)).toEqual(Object.keys(fixtures.TODO_CREATED.currentValue));
    expect(kind(row.position)).toBe('string');
  });

  test('its list, whose position is a number, its workspace, its organisation and the webhook have theirs', () => {
    const { currentValue, webhook } = payloads.TODO_CREATED;
    const { currentValue: published, webhook: publishedWebhook } = fixtures.TODO_CREATED;
    expect(shape(currentValue.todoList)).toEqual(shape(published.todoList));
    expect(shape(currentValue.todoList.project)).toEqual(shape(published.todoList.project));
    expect(Object.keys(currentValue.todoList.project.company)).toEqual(Object.keys(published.todoList.project.company));
    expect(shape(webhook)).toEqual(shape(publishedWebhook));
  });
});

test('a fixture can be passed to a typed handler', () => {
  expectTypeOf(fixtures.TODO_MOVED).toExtend<EventOf<'TODO_MOVED'>>();
  expectTypeOf(fixtures.TODO_DELETED).toExtend<EventOf<'TODO_DELETED'>>();
  expectTypeOf(fixtures.TODO_CHECKLIST_ITEM_CREATED).toExtend<EventOf<'TODO_CHECKLIST_ITEM_CREATED'>>();
  expectTypeOf(fixtures.CUSTOM_FIELD_UPDATED).toExtend<EventOf<'CUSTOM_FIELD_UPDATED'>>();
  expectTypeOf(fixtures.TAG_CREATED).toExtend<EventOf<'TAG_CREATED'>>();
  expectTypeOf(fixtures.TODO_LIST_NAME_CHANGED).toExtend<EventOf<'TODO_LIST_NAME_CHANGED'>>();
  expectTypeOf(fixtures.COMMENT_UPDATED).toExtend<EventOf<'COMMENT_UPDATED'>>();
  expectTypeOf(fixtures.TODO_MOVED.currentValue.todoList.project.company.name).toBeString();
});
