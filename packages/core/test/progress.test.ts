import { expect, test } from 'vitest';
import { createReceiver, type StoredDelivery } from '../src/index';

const secret = 'a secret';
const signal = new AbortController().signal;

function stored(event = 'TODO_CREATED'): StoredDelivery {
  const rawBody = JSON.stringify({ event, currentValue: { id: '1', title: 'T' } });
  return { id: 'an id', rawBody, signature: 'verified', secretId: '0', receivedAt: new Date(0), attempt: 1, signal };
}

/** A receiver whose handlers note that they ran, and fail if they are among the broken. */
function noting(ran: string[], broken: ReadonlySet<string>) {
  const handler = (name: string) => () => {
    ran.push(name);
    if (broken.has(name)) throw new Error(`${name} is broken`);
  };
  return createReceiver({ secret })
    .on('TODO_CREATED', { name: 'crm' }, handler('crm'))
    .on(['TODO_CREATED', 'TODO_DELETED'], { name: 'mail' }, handler('mail'))
    .on('TODO_CREATED', handler('unnamed'))
    .onUnknown({ name: 'all' }, handler('unknown'));
}

test('dispatch passes over the handlers in skip, and reports each success while others are left', async () => {
  const ran: string[] = [];
  const handled: string[] = [];
  const receiver = noting(ran, new Set(['mail']));
  const onHandled = (name: string) => handled.push(name);
  await expect(receiver.dispatch(stored(), { onHandled })).rejects.toThrow('mail is broken');
  expect(ran).toEqual(['crm', 'mail', 'unnamed']);
  expect(handled).toHaveLength(2);
  expect(handled[0]).toBe('crm');
  ran.length = 0;
  await expect(receiver.dispatch(stored(), { skip: handled })).rejects.toThrow('mail is broken');
  expect(ran).toEqual(['mail']);
});

test('dispatch reports no success of the last handler when all have succeeded', async () => {
  const handled: string[] = [];
  const receiver = noting([], new Set());
  await receiver.dispatch(stored(), { onHandled: (name) => handled.push(name) });
  expect(handled.map((name) => name.replace(/#.*/, 'unnamed'))).toEqual(['crm', 'mail']);
});

test('dispatch reports how many handlers will run before the first one runs, 0 for an event without any', async () => {
  const ran: string[] = [];
  const receiver = noting(ran, new Set());
  const onStart = (handlers: number, registered: number) => ran.push(`${handlers} of ${registered} will run`);
  await receiver.dispatch(stored(), { onStart });
  await receiver.dispatch(stored(), { skip: ['crm'], onStart });
  await receiver.dispatch(stored('TODO_MOVED'), { onStart });
  expect(ran).toEqual([
    '3 of 3 will run',
    'crm',
    'mail',
    'unnamed',
    '2 of 3 will run',
    'mail',
    'unnamed',
    '0 of 0 will run',
  ]);
});

test('the next handler waits for onHandled, and what it throws changes nothing', async () => {
  const ran: string[] = [];
  const receiver = noting(ran, new Set());
  await receiver.dispatch(stored(), {
    async onHandled(name) {
      await new Promise(setImmediate);
      ran.push(`stored ${name}`);
      throw new Error('the store is down');
    },
  });
  expect(ran).toEqual(['crm', 'stored crm', 'mail', 'stored mail', 'unnamed']);
});

test('an unnamed handler runs again when its place, its source or the number of handlers has changed', async () => {
  const nameOf = async (receiver: ReturnType<typeof createReceiver>) => {
    const handled: string[] = [];
    const fail = receiver.on('TODO_CREATED', { name: 'last' }, () => Promise.reject(new Error('broken')));
    await fail.dispatch(stored(), { onHandled: (name) => handled.push(name) }).catch(() => {});
    return handled[0];
  };
  const first = () => 1;
  const same = await nameOf(createReceiver({ secret }).on('TODO_CREATED', first));
  expect(await nameOf(createReceiver({ secret }).on('TODO_CREATED', first))).toBe(same);
  expect(await nameOf(createReceiver({ secret }).on('TODO_CREATED', () => 2))).not.toBe(same);
  const more = createReceiver({ secret }).on('TODO_CREATED', first).on('TODO_CREATED', first);
  expect(await nameOf(more)).not.toBe(same);
});

test('a skipped name of another event, and of onUnknown, is passed over there, too', async () => {
  const ran: string[] = [];
  const receiver = noting(ran, new Set());
  await receiver.dispatch(stored('NEW'), { skip: ['crm'] });
  await receiver.dispatch(stored('NEW'), { skip: ['all'] });
  expect(ran).toEqual(['unknown']);
});

test.each([
  ['an empty name', { name: '' }],
  ['a name that begins with #', { name: '#1' }],
  ['a name of 101 characters', { name: 'x'.repeat(101) }],
  ['a name that is not a string', { name: 7 }],
  ['options that hold neither a name nor a workspace', {}],
])('%s is a TypeError', (_what, options) => {
  const receiver = createReceiver({ secret });
  expect(() => receiver.on('TODO_CREATED', options as { name: string }, () => {})).toThrow(TypeError);
  expect(() => receiver.onUnknown(options as { name: string }, () => {})).toThrow(TypeError);
});

test('two handlers of one event cannot have the same name, those of different events can', () => {
  const receiver = createReceiver({ secret }).on('TODO_CREATED', { name: 'crm' }, () => {});
  expect(() => receiver.on('TODO_CREATED', { name: 'crm' }, () => {})).toThrow("a handler named 'crm' already");
  receiver.on('TODO_DELETED', { name: 'crm', project: 'p1' }, () => {});
});
