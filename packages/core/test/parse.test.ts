import { describe, expect, test } from 'vitest';
import { parseVerified } from '../src/adapter';
import { allEventNames } from '../src/events';
import { type BlueEvent, createReceiver, eventNames, safeVerify, sign, verify } from '../src/index';
import { sample, sampleNames } from './samples';

const secret = 'a secret';

async function deliver(payload: unknown) {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return verify({ body, signature: await sign(body, secret), secret });
}

/** An event as a plain object, to check which fields it contains. */
const typed = (event: BlueEvent) => event as unknown as Record<string, unknown>;

test('the published delivery of 2022 is a typed event that has lost nothing', async () => {
  const published = sample('todo-created');
  const { event, drift, rawBody, id } = await verify(published);
  if (event.event !== 'TODO_CREATED') throw new Error(event.event);
  expect(event.previousValue).toBeNull();
  expect(event.currentValue.position).toBe('32767.5');
  expect(event.currentValue.todoList?.position).toBe(131070);
  expect(event.currentValue.todoList?.project?.company?.name).toBe('Rogue');
  expect(drift).toEqual([]);
  expect(id).toBe(published.signature.slice(0, 32));
  expect(rawBody).toBe(published.body.toString());
  const { webhook, ...rest } = JSON.parse(rawBody);
  const { secret: _, ...configuration } = webhook;
  expect(event).toEqual({ ...rest, webhook: configuration, previousValue: null });
  expect(event.webhook).not.toHaveProperty('secret');
});

test.each(sampleNames)('%s parses without drift and is known', async (name) => {
  const { event, drift } = await verify(sample(name));
  expect(drift).toEqual([]);
  expect(event.event).not.toBe('UNKNOWN');
});

test.each(sampleNames)('%s, known to be genuine, parses from its text as it did when it arrived', async (name) => {
  const { event, drift, rawBody } = await verify(sample(name));
  expect(parseVerified(rawBody)).toEqual({ event, drift, rawBody });
});

test.each([
  ['', 'BODY_NOT_JSON'],
  ['[]', 'BODY_NOT_JSON'],
  ['{"event":""}', 'EVENT_MISSING'],
])('even a body known to be genuine must be a delivery: %j', (text, code) => {
  expect(() => parseVerified(text)).toThrow(expect.objectContaining({ code }));
});

test('the two older documented shapes are members of their own', async () => {
  const record = (await verify(sample('record-created-documented'))).event;
  if (record.event !== 'RECORD_CREATED') throw new Error(record.event);
  expect(record).toMatchObject({ record: { title: 'New record' }, company: { id: '5678' }, user: { id: '1213' } });
  const deleted = (await verify(sample('custom-field-deleted-older'))).event;
  if (deleted.event !== 'CUSTOM_FIELD_DELETED' || deleted.webhook !== null) throw new Error(deleted.event);
  expect(deleted.timestamp).toBe('2024-01-15T10:30:00Z');
  expect(deleted.previousValue.name).toBe('Priority Level');
  expect(deleted.webhook).toBeNull();
});

test('the catalogue has 37 events in seven families', () => {
  const names = Object.values(eventNames).flat();
  expect(names).toHaveLength(37);
  expect(new Set(names).size).toBe(37);
  expect(eventNames.comment).toEqual(['COMMENT_CREATED', 'COMMENT_DELETED', 'COMMENT_UPDATED']);
  expect(new Set(allEventNames)).toEqual(new Set([...names, 'RECORD_CREATED', 'WEBHOOK_HEALTH_CHECK']));
});

describe('drift', () => {
  test('a field of another type than documented is undefined on the event and listed, never with its value', async () => {
    const currentValue = { id: '1', title: 'T', done: 'yes', todoList: { id: '2', position: true }, extra: 42 };
    const { event, drift, rawBody } = await deliver({ event: 'TODO_CREATED', currentValue });
    expect(drift).toEqual([
      { path: 'currentValue.done', expected: 'boolean' },
      { path: 'currentValue.todoList.position', expected: 'number or string' },
    ]);
    expect(event).toMatchObject({ event: 'TODO_CREATED', currentValue: { id: '1', todoList: { id: '2' }, extra: 42 } });
    expect(typed(event).currentValue).not.toHaveProperty('done');
    expect(JSON.parse(rawBody).currentValue.done).toBe('yes');
  });

  test('a related row without identity takes only its own relation with it', async () => {
    const todoUsers = [{ id: '1', user: { name: 'nobody' } }, { id: '2' }];
    const currentValue = { id: '1', title: 'T', todoUsers, tags: [{ id: 7 }] };
    const { event, drift } = await deliver({ event: 'TODO_CREATED', currentValue });
    expect(drift.map(({ path }) => path)).toEqual(['currentValue.todoUsers.0.user.id', 'currentValue.tags.0.id']);
    expect(typed(event).currentValue).toEqual({ id: '1', title: 'T', todoUsers: [{ id: '1' }, { id: '2' }] });
  });

  test('a previous value that cannot be identified is null, not a lost event', async () => {
    const { event, drift } = await deliver({
      event: 'TODO_MOVED',
      previousValue: {},
      currentValue: { id: '1', title: 'T' },
    });
    expect(event).toMatchObject({ event: 'TODO_MOVED', previousValue: null });
    expect(drift.length).toBeGreaterThan(0);
  });

  test('rows whose fields come in another order, fewer or more than before are read as they are', async () => {
    const rows = [
      { id: '1', title: 'T', done: true, position: 1 },
      { position: 1, done: 'yes', title: 'T', id: '1' },
      { title: 'T', extra: 1, done: true, id: '1', more: 2, position: '1' },
      { done: true, id: '1', title: 'T' },
      { id: '1', done: true, position: {}, title: 'T' },
    ];
    const drifted = [[], ['currentValue.done'], [], [], ['currentValue.position']];
    for (const [place, currentValue] of [...rows.entries(), ...rows.entries()]) {
      const { event, drift } = await deliver({ event: 'TODO_CREATED', currentValue });
      expect(drift.map(({ path }) => path)).toEqual(drifted[place]);
      const kept = Object.entries(currentValue).filter(([key]) => !drifted[place]?.includes(`currentValue.${key}`));
      expect(typed(event).currentValue).toEqual(Object.fromEntries(kept));
    }
  });

  test('however much drifts, the list stays short', async () => {
    const todoUsers = Array.from({ length: 5_000 }, () => ({ id: 1 }));
    const { drift } = await deliver({ event: 'TODO_CREATED', currentValue: { id: '1', title: 'T', todoUsers } });
    expect(drift).toHaveLength(100);
  });
});

describe('unknown events', () => {
  test.each([
    'TODO_ARCHIVED',
    'constructor',
    '__proto__',
    'toString',
    'UNKNOWN',
    'hasOwnProperty',
    'x'.repeat(500_000),
  ])('an event named %s is acknowledged and offered to onUnknown, with its payload as it was', async (name) => {
    const seen: unknown[] = [];
    const receiver = createReceiver({ secret }).onUnknown((event) => seen.push(event));
    const payload = { event: name, webhook: { id: 'w', secret: 'never', extra: 1 }, currentValue: { done: 'yes' } };
    const body = new TextEncoder().encode(JSON.stringify(payload));
    const signature = await sign(body, secret);
    const outcome = await receiver.handle({
      method: 'POST',
      header: (h) => (h === 'x-signature' ? signature : null),
      body,
    });
    expect(outcome.status).toBe(204);
    expect(outcome.event).toBe('UNKNOWN');
    const expected = { ...payload, webhook: { id: 'w', extra: 1 } };
    expect(seen).toEqual([{ event: 'UNKNOWN', name, payload: expected, reason: 'UNKNOWN_NAME' }]);
  });

  test.each([
    ['no current value', { event: 'TODO_CREATED' }],
    ['no id', { event: 'TODO_CREATED', currentValue: { title: 'T' } }],
    ['an id that is a number', { event: 'TAG_UPDATED', currentValue: { id: 1 } }],
    ['a row that is a list', { event: 'TODO_CREATED', currentValue: [] }],
    ['an inherited id only', JSON.parse('{"event":"TAG_CREATED","currentValue":{"__proto__":{"id":"1"}}}')],
  ])('a known event with %s is unknown, because its identity is missing', async (_title, payload) => {
    expect((await deliver(payload)).event).toEqual({
      event: 'UNKNOWN',
      name: payload.event,
      payload,
      reason: 'IDENTITY_MISSING',
    });
  });
});

describe('hostile JSON', () => {
  test.each([
    ['null', 'BODY_NOT_JSON'],
    ['"text"', 'BODY_NOT_JSON'],
    ['{"event":""}', 'EVENT_MISSING'],
    ['{"event":null}', 'EVENT_MISSING'],
    ['{"__proto__":{"event":"TODO_CREATED"}}', 'EVENT_MISSING'],
  ])('%s is refused as %s', async (body, code) => {
    await expect(deliver(body)).rejects.toMatchObject({ code });
  });

  test('a hundred thousand levels of nesting are just an unknown field', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    for (const field of ['extra', 'todoList', 'dependOn', 'tags']) {
      const { event } = await deliver(
        `{"event":"TODO_CREATED","currentValue":{"id":"1","title":"T","${field}":${deep}}}`,
      );
      expect(event.event).toBe('TODO_CREATED');
    }
  });

  test('a __proto__ key pollutes nothing', async () => {
    await deliver(
      '{"event":"TODO_CREATED","__proto__":{"polluted":1},"webhook":{"id":"w","__proto__":{"polluted":1}},"currentValue":{"id":"1","title":"T","__proto__":{"polluted":1}}}',
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate in CESU-8', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ['a lone continuation byte', [0x80]],
    ['a cut character', [0xe2, 0x82]],
    ['a code point past Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('%s is not UTF-8', async (_title, bytes) => {
    const body = Uint8Array.from([...Buffer.from('{"event":"'), ...bytes, ...Buffer.from('"}')]);
    const result = await safeVerify({ body, signature: await sign(body, secret), secret });
    expect(result).toMatchObject({ ok: false, error: { code: 'BODY_NOT_UTF8', status: 400 } });
  });

  test('UTF-16 is not JSON in UTF-8, and the message quotes nothing of the body', async () => {
    for (const body of [Buffer.from('{"event":"X"}', 'utf16le'), Buffer.from('{"event": my private words')]) {
      const result = await safeVerify({ body, signature: await sign(body, secret), secret });
      if (result.ok) throw new Error('accepted');
      expect(result.error.code).toBe('BODY_NOT_JSON');
      expect(`${result.error.message}${result.error.stack}${result.error.cause}`).not.toContain('private');
    }
  });
});

test('join rows without an id of their own are not drift: the API does not return these ids', () => {
  const currentValue = {
    id: '1',
    title: 'A record',
    todoUsers: [{ userId: 'u', user: { id: 'u' } }],
    todoTags: [{ tagId: 't', tag: { id: 't', title: 'Urgent' } }],
    todoCustomFields: [
      {
        customFieldId: 'f',
        customField: { id: 'f', name: 'Markets', type: 'SELECT_MULTI' },
        todoCustomFieldOptions: [{ customFieldOptionId: 'o', customFieldOption: { id: 'o', title: 'DACH' } }],
      },
    ],
  };
  const { event, drift } = parseVerified(JSON.stringify({ event: 'TODO_CREATED', currentValue }));
  expect(drift).toEqual([]);
  expect(event).toMatchObject({ event: 'TODO_CREATED', currentValue });
});
