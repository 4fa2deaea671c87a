import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { createReceiver } from '@blue-webhooks/core';
import { eventually } from './case';
import { deliver, type InboxCase, type InboxUnderTest, promptly, raw, secret, untilState } from './inbox-under-test';
import { delivery } from './new-deliveries';
import { lease, leaseOne, type StoreCase } from './store-under-test';

const needsOrder = false;

/** An inbox with two named handlers and one without a name, which record that they ran, and fail with what `fails` returns. */
async function inboxOfThree({ create }: InboxUnderTest, fails: (handler: string) => Error | undefined) {
  const ran: string[] = [];
  const handler = (name: string) => () => {
    ran.push(name);
    const error = fails(name);
    if (error) throw error;
  };
  const receiver = createReceiver({ secret })
    .on('TODO_MOVED', { name: 'crm' }, handler('crm'))
    .on('TODO_MOVED', { name: 'mail' }, handler('mail'))
    .on('TODO_MOVED', handler('unnamed'));
  return { ran, inbox: await create({ receiver, retry: promptly }) };
}

const times = (ran: readonly string[], name: string) => ran.filter((one) => one === name).length;

/** Several handlers of one event. */
export const severalHandlers: readonly InboxCase[] = [
  {
    title: 'runs no handler again that has succeeded when another of its event fails',
    needsOrder,
    async run(subject) {
      let failures = 0;
      const { inbox, ran } = await inboxOfThree(subject, (name) => {
        if (name !== 'mail' || failures === 2) return undefined;
        failures += 1;
        return new Error('the mail server is down');
      });
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      await untilState(inbox, sent.id, 'done');
      deepStrictEqual(
        ['crm', 'mail', 'unnamed'].map((name) => times(ran, name)),
        [1, 3, 1],
      );
    },
  },
  {
    title:
      'runs a replayed dead letter only for the handlers that have not succeeded, and a replayed done delivery for all',
    needsOrder,
    async run(subject) {
      let broken = true;
      const { inbox, ran } = await inboxOfThree(subject, (name) =>
        broken && name === 'mail' ? new Error('the mail server is down') : undefined,
      );
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent);
      const dead = await untilState(inbox, sent.id, 'dead');
      deepStrictEqual([dead.handled.length, dead.handled.includes('crm')], [2, true]);
      broken = false;
      strictEqual(await inbox.replay(sent.id), 1);
      await untilState(inbox, sent.id, 'done');
      deepStrictEqual(
        ['crm', 'mail', 'unnamed'].map((name) => times(ran, name)),
        [1, promptly.maxAttempts + 1, 1],
      );
      deepStrictEqual((await inbox.get(sent.id))?.handled, []);
      strictEqual(await inbox.replay(sent.id), 1);
      await untilState(inbox, sent.id, 'done');
      deepStrictEqual(
        ['crm', 'mail', 'unnamed'].map((name) => times(ran, name)),
        [2, promptly.maxAttempts + 2, 2],
      );
    },
  },
  {
    title: 'runs no handler again that succeeded before its process stopped',
    needsOrder,
    async run(subject) {
      const ran: string[] = [];
      const silent = new Promise<void>(() => {});
      const receiver = (mail: () => unknown) =>
        createReceiver({ secret })
          .on('TODO_MOVED', { name: 'crm' }, () => void ran.push('crm'))
          .on('TODO_MOVED', { name: 'mail' }, mail);
      const first = await subject.create({ receiver: receiver(() => silent), retry: promptly });
      await first.start();
      const sent = await raw();
      await deliver(first, sent);
      await eventually(async () => (await first.get(sent.id))?.handled.includes('crm'));
      await first.stop({ timeoutMs: 0 });
      const second = await subject.create({ receiver: receiver(() => void ran.push('mail')), retry: promptly });
      await second.start();
      await untilState(second, sent.id, 'done');
      deepStrictEqual(ran, ['crm', 'mail']);
    },
  },
];

/** What is stored of a delivery's handlers. */
export const recordingHandlers: readonly StoreCase[] = [
  {
    title:
      'keeps the names of handlers that have succeeded through retries and as a dead letter, until the delivery is done',
    async run({ open }) {
      const store = await open();
      const other = await open();
      const one = delivery();
      await store.put(one);
      const first = await leaseOne(store);
      deepStrictEqual(first.delivery.handled, []);
      strictEqual(await store.recordHandled(first, ['crm']), true);
      deepStrictEqual((await other.get(one.id))?.handled, ['crm']); // immediately: the process may be killed
      strictEqual(await store.recordHandled(first, ['crm', 'Zoë "😀" \\ \n']), true);
      strictEqual(await store.recordHandled(first, ['crm']), true); // takes nothing back
      strictEqual(await store.recordHandled(first, []), true);
      await store.settle(first, { type: 'retry', error: 'down', retryAt: new Date(0) });
      const second = await leaseOne(other);
      deepStrictEqual(second.delivery.handled, ['crm', 'Zoë "😀" \\ \n']);
      await other.settle(second, { type: 'dead', error: 'down' });
      await store.replay({ ids: [one.id] });
      const third = await leaseOne(store);
      deepStrictEqual(third.delivery.handled, ['crm', 'Zoë "😀" \\ \n']);
      await store.settle(third, { type: 'done' });
      deepStrictEqual((await store.get(one.id))?.handled, []);
    },
  },
  {
    title: 'records no handler for a lease that is over',
    async run({ open }) {
      const store = await open();
      const one = delivery();
      await store.put(one);
      const lost = await leaseOne(store);
      await store.settle(lost, { type: 'returned' });
      strictEqual(await store.recordHandled(lost, ['crm']), false);
      deepStrictEqual((await store.get(one.id))?.handled, []);
      const [held] = await lease(store);
      strictEqual(held?.delivery.handled.length, 0);
    },
  },
];
