import { expect, test } from 'vitest';
import { finishing } from '../src/adapter';
import { createReceiver, memoryLedger, type Receiver, sign, UnrecoverableError } from '../src/index';

const secret = 'a secret';

async function post(receiver: Receiver, id = '1'): Promise<number> {
  const body = JSON.stringify({ event: 'TODO_CREATED', currentValue: { id, title: 'T' } });
  const headers = { 'x-signature': await sign(body, secret) };
  return (await receiver.fetch(new Request('http://localhost/', { method: 'POST', body, headers }))).status;
}

test('a handler that finishes the delivery runs last, wherever it was registered, and is found by its name and by off', async () => {
  const ran: string[] = [];
  const last = finishing(() => void ran.push('finishing'));
  const receiver = createReceiver({ secret })
    .on('TODO_CREATED', { name: 'last', project: '1' }, last)
    .onAny(() => ran.push('any'))
    .on('TODO_CREATED', { name: 'crm' }, () => ran.push('crm'));
  expect(await post(receiver)).toBe(204);
  expect(ran).toEqual(['any', 'crm']); // the event names no workspace
  receiver.off(last).on('TODO_CREATED', { name: 'last' }, last);
  receiver.on('TODO_CREATED', () => ran.push('later'));
  ran.length = 0;
  expect(await post(receiver)).toBe(204);
  expect(ran).toEqual(['any', 'crm', 'later', 'finishing']);
  receiver.off(last);
  ran.length = 0;
  expect(await post(receiver)).toBe(204);
  expect(ran).toEqual(['any', 'crm', 'later']);
});

test('an event has one of them, and none is registered where one of several events has', () => {
  const receiver = createReceiver({ secret }).on(
    ['TODO_CREATED', 'TODO_MOVED'],
    finishing(() => {}),
  );
  expect(() =>
    receiver.on(
      ['TODO_DELETED', 'TODO_MOVED'],
      finishing(() => {}),
    ),
  ).toThrow('TODO_MOVED has a transaction handler of a ledger already');
  receiver.on(
    'TODO_DELETED',
    finishing(() => {}),
  );
});

test('it is not run while another handler has to be retried, but if that can never succeed', async () => {
  const ran: string[] = [];
  let failure: Error = new Error('later');
  const receiver = createReceiver({ secret, ledger: memoryLedger() })
    .on(
      'TODO_CREATED',
      finishing(() => void ran.push('finishing')),
    )
    .on('TODO_CREATED', () => Promise.reject(failure));
  expect(await post(receiver)).toBe(500);
  expect(ran).toEqual([]);
  failure = new UnrecoverableError('never');
  expect(await post(receiver)).toBe(204);
  expect(ran).toEqual(['finishing']);
});

test('handlers receive the token of their lease, which the ledger takes, and none without a ledger', async () => {
  const tokens: (string | undefined)[] = [];
  const ledger = memoryLedger();
  const renewed: unknown[] = [];
  const handler = (_event: unknown, { id, leaseToken }: { id: string; leaseToken?: string | undefined }) => {
    tokens.push(leaseToken);
    renewed.push(ledger.renew(id, leaseToken ?? ''));
  };
  expect(await post(createReceiver({ secret, ledger }).on('TODO_CREATED', handler))).toBe(204);
  expect(await post(createReceiver({ secret }).on('TODO_CREATED', handler), '2')).toBe(204);
  expect(tokens).toEqual([expect.any(String), undefined]);
  expect(renewed).toEqual(['renewed', 'stale']);
});
