import { eventNames } from '@blue-webhooks/core';
import { createBlueSimulator, createVirtualClock, fixtures, type SimulatorOptions } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { answer, startReceiver } from '../http-receiver';

const projectId = fixtures.TODO_MOVED.currentValue.todoList.projectId;
const all = Object.values(eventNames).flat();

async function connect(options: Partial<SimulatorOptions>) {
  const receiver = await startReceiver(answer(204));
  const blue = createBlueSimulator({ url: receiver.url, secret: 'secret', clock: createVirtualClock(), ...options });
  const arrivedEvents = () => receiver.arrived.map(({ body }) => JSON.parse(body.toString()).event);
  return { blue, arrivedEvents };
}

test('a webhook without lists receives every event of every workspace', async () => {
  const { blue, arrivedEvents } = await connect({});
  for (const name of all) expect((await blue.emit(name)).outcome).toBe('delivered');
  expect(arrivedEvents()).toEqual(all);
});

test('a webhook with a list of events receives those', async () => {
  const { blue, arrivedEvents } = await connect({ events: ['TODO_MOVED', 'COMMENT_CREATED'] });
  const outcomes = [];
  for (const name of all) outcomes.push((await blue.emit(name)).outcome);
  expect(arrivedEvents()).toEqual(['TODO_MOVED', 'COMMENT_CREATED']);
  expect(blue.report.counts).toMatchObject({ delivered: 2, unsubscribed: 35, missed: 0 });
  expect((await blue.emit(fixtures.TODO_ARCHIVED)).outcome).toBe('unsubscribed');
  expect(blue.webhook.metadata).toEqual({ events: ['TODO_MOVED', 'COMMENT_CREATED'], projectIds: [] });
});

test('a webhook with a list of workspaces receives their events, for every kind of entity', async () => {
  const inside = await connect({ projectIds: ['another', projectId] });
  const outside = await connect({ projectIds: ['another'] });
  for (const name of all) {
    expect([name, (await inside.blue.emit(name)).outcome]).toEqual([name, 'delivered']);
    expect([name, (await outside.blue.emit(name)).outcome]).toEqual([name, 'unsubscribed']);
  }
  const project = { id: 'another' };
  const moved = { currentValue: { todoList: { projectId: 'another', project } } };
  expect((await outside.blue.emit('TODO_MOVED', moved)).outcome).toBe('delivered');
  expect((await outside.blue.emit({ event: 'RECORD_CREATED', project } as { event: string })).outcome).toBe(
    'delivered',
  );
  expect((await outside.blue.emit({ event: 'SOMETHING_ELSE' })).outcome).toBe('unsubscribed');
});

test('an event that a disabled webhook is not subscribed to is not missed', async () => {
  const { blue } = await connect({ events: ['TODO_MOVED'] });
  blue.disable();
  expect((await blue.emit('TAG_CREATED')).outcome).toBe('unsubscribed');
  expect((await blue.emit('TODO_MOVED')).outcome).toBe('missed');
  expect(blue.report.missed.map(({ event }) => event)).toEqual(['TODO_MOVED']);
});
