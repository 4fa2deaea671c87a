import { describe, expect, test } from 'vitest';
import { parseVerified } from '../src/adapter';
import { changeId } from '../src/change-id';
import { allEventNames } from '../src/events';
import { type BlueEvent, createReceiver, type Drift, eventNames, sign, verify } from '../src/index';

const secret = 'a secret';
const row = { id: '1', title: 'T', name: 'N' };
const moved = { event: 'RECORD_MOVED', previousValue: row, currentValue: { ...row, title: 'U' } };
const renamed = allEventNames
  .filter((name) => name.startsWith('TODO_'))
  .map((name) => [name.replace('TODO', 'RECORD'), name]);

async function receive(payload: object, options: { aliases?: boolean; dedupe?: 'change' } = {}) {
  const events: BlueEvent[] = [];
  const drifts: (readonly Drift[])[] = [];
  const receiver = createReceiver({ secret, ...options, onDrift: (drift) => drifts.push(drift) }).onAny((event) => {
    events.push(event);
  });
  const body = new TextEncoder().encode(JSON.stringify(payload));
  const signature = await sign(body, secret);
  const header = (name: string) => (name === 'x-signature' ? signature : null);
  const outcome = await receiver.handle({ method: 'POST', header, body });
  return { outcome, event: events[0], drift: drifts[0] ?? [], handled: events.length };
}

describe('events under the newer names of records', () => {
  test('are all of those that this version names after todos', () => {
    expect(renamed.map(([, name]) => name)).toEqual([
      ...eventNames.record,
      ...eventNames.checklist,
      ...eventNames.checklistItem,
      ...eventNames.list,
    ]);
  });

  test.each(renamed)('%s is %s, which is reported as drift', async (name, known) => {
    const payload = { event: name, previousValue: row, currentValue: row };
    if (/_CREATED$/.test(name as string)) Object.assign(payload, { previousValue: null });
    if (/_DELETED$/.test(name as string)) Object.assign(payload, { currentValue: null });
    const { outcome, event, drift, handled } = await receive(payload);
    expect([outcome.status, outcome.event, event?.event, handled]).toEqual([204, known, known, 1]);
    expect(drift).toEqual([{ path: 'event', expected: known }]);
  });

  test('are unknown with `aliases: false`', async () => {
    const { event, drift } = await receive(moved, { aliases: false });
    expect(event).toMatchObject({ event: 'UNKNOWN', name: 'RECORD_MOVED', reason: 'UNKNOWN_NAME' });
    expect(drift).toEqual([]);
    expect(() => createReceiver({ secret, aliases: 'no' as never })).toThrow(
      new TypeError('aliases must be true or false.'),
    );
  });

  test('keep the id and the text of the delivery', async () => {
    const body = JSON.stringify(moved);
    const signature = await sign(body, secret);
    const { id, rawBody, event } = await verify({ body, signature, secret });
    expect([id, rawBody, event.event]).toEqual([signature.slice(0, 32), body, 'TODO_MOVED']);
  });

  test('without identity are unknown under the name that Blue sent', async () => {
    const { event } = await receive({ ...moved, currentValue: { title: 'T' } });
    expect(event).toMatchObject({ event: 'UNKNOWN', name: 'RECORD_MOVED', reason: 'IDENTITY_MISSING' });
  });

  test.each([
    ['with `record`', { record: row }, 'RECORD_CREATED'],
    ['with both', { record: row, currentValue: null }, 'RECORD_CREATED'],
    ['with `currentValue`', { currentValue: row }, 'TODO_CREATED'],
    ['with neither', {}, 'UNKNOWN'],
  ])('RECORD_CREATED %s', async (_title, values, name) => {
    expect((await receive({ event: 'RECORD_CREATED', ...values })).event?.event).toBe(name);
  });

  test.each(['RECORD_ARCHIVED', 'RECORD_', 'record_moved', 'RECORD_TODO_MOVED', '__proto__', 'constructor'])(
    '%s is not an alias',
    async (event) => {
      expect((await receive({ ...moved, event })).event).toMatchObject({ event: 'UNKNOWN', name: event });
    },
  );

  test('report the same change as the older name', async () => {
    const idOf = (event: string) => changeId({ id: event, rawBody: JSON.stringify({ ...moved, event }) });
    expect(await idOf('RECORD_MOVED')).toBe(await idOf('TODO_MOVED'));
    expect(await idOf('RECORD_MOVED')).not.toBe(await idOf('TODO_NAME_CHANGED'));
  });

  test('that were stored are dispatched under the name that this version knows', async () => {
    const body = JSON.stringify(moved);
    const stored = await verify({ body, signature: await sign(body, secret), secret });
    const ran: string[] = [];
    const receiver = createReceiver({ secret }).on('TODO_MOVED', ({ event }) => ran.push(event));
    await receiver.dispatch(stored);
    await createReceiver({ secret, aliases: false })
      .onUnknown(({ name }) => ran.push(name))
      .dispatch(stored);
    expect(ran).toEqual(['TODO_MOVED', 'RECORD_MOVED']);
    expect(parseVerified(body).event.event).toBe('TODO_MOVED');
  });

  test('are refused by `on`, with the name to use', () => {
    const register = () => createReceiver({ secret }).on('RECORD_MOVED' as never, () => {});
    expect(register).toThrow("'RECORD_MOVED' is not a Blue event: register 'TODO_MOVED'");
  });
});
