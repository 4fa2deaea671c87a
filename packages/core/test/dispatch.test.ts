import { expect, test } from 'vitest';
import { PostponedError, toOutcome } from '../src/adapter';
import { createReceiver, type Delivery, type StoredDelivery, UnrecoverableError } from '../src/index';

const secret = 'a secret';
const record = { event: 'TODO_CREATED', currentValue: { id: '1', title: 'T', done: 'maybe' } };

function stored(body: unknown = record, signal = new AbortController().signal): StoredDelivery {
  const rawBody = typeof body === 'string' ? body : JSON.stringify(body);
  return { id: 'an id', rawBody, signature: 'verified', secretId: 'old', receivedAt: new Date(0), attempt: 3, signal };
}

test('a stored delivery runs its handlers with the event read again from its body, and the facts it was stored with', async () => {
  const seen: Delivery[] = [];
  const receiver = createReceiver({ secret })
    .on('TODO_CREATED', (_event, delivery) => seen.push(delivery))
    .onUnknown((_event, delivery) => seen.push(delivery));
  await receiver.dispatch(stored());
  await receiver.dispatch(stored({ event: 'NEW' }));
  await receiver.dispatch(stored({ event: 'TAG_DELETED', previousValue: { id: '1', title: 'T' } })); // nobody handles it
  expect(seen).toMatchObject([
    {
      id: 'an id',
      signature: 'verified',
      secretId: 'old',
      receivedAt: new Date(0),
      attempt: 3,
      event: { event: 'TODO_CREATED', currentValue: { id: '1' } },
      drift: [{ path: 'currentValue.done' }],
      rawBody: JSON.stringify(record),
    },
    { event: { event: 'UNKNOWN', name: 'NEW' } },
  ]);
});

test('what a handler throws is thrown, as it is, and reported; several failures come together', async () => {
  const codes: string[] = [];
  const boom = [new Error('first'), { not: 'an error' }];
  const receiver = createReceiver({ secret, onFailure: ({ code }) => codes.push(code) })
    .on('TODO_CREATED', () => Promise.reject(boom[0]))
    .on('TAG_CREATED', () => Promise.reject(boom[0]))
    .on('TAG_CREATED', () => Promise.reject(boom[1]));
  await expect(receiver.dispatch(stored())).rejects.toBe(boom[0]);
  const several = receiver.dispatch(stored({ event: 'TAG_CREATED', currentValue: { id: '1', title: 'T' } }));
  await expect(several).rejects.toMatchObject({ errors: boom });
  expect(codes).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
});

test('an UnrecoverableError is thrown where trying again helps none of the handlers', async () => {
  const hopeless = () => Promise.reject(new UnrecoverableError('hopeless'));
  const one = createReceiver({ secret }).on('TODO_CREATED', hopeless);
  const all = createReceiver({ secret }).on('TODO_CREATED', hopeless).on('TODO_CREATED', hopeless);
  const some = createReceiver({ secret })
    .on('TODO_CREATED', hopeless)
    .on('TODO_CREATED', () => Promise.reject(new Error('later')));
  const outcome = (receiver: typeof one) => receiver.dispatch(stored()).then(undefined, UnrecoverableError.is);
  expect(await Promise.all([one, all, some].map(outcome))).toEqual([true, true, false]);
});

test('no further handler is started once the signal has aborted', async () => {
  const ran: number[] = [];
  const controller = new AbortController();
  const receiver = createReceiver({ secret })
    .on('TODO_CREATED', () => {
      ran.push(1);
      controller.abort();
    })
    .on('TODO_CREATED', () => ran.push(2));
  await expect(receiver.dispatch(stored(record, controller.signal))).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
  });
  expect(ran).toEqual([1]);
});

test('a body that was never a delivery is refused', async () => {
  const receiver = createReceiver({ secret });
  await expect(receiver.dispatch(stored('[]'))).rejects.toMatchObject({ code: 'BODY_NOT_JSON' });
  await expect(receiver.dispatch(stored({}))).rejects.toMatchObject({ code: 'EVENT_MISSING' });
});

test('a store that fails has a row in the failure table', () => {
  expect(toOutcome({ delivery: undefined, code: 'STORE_UNAVAILABLE', durationMs: 1 })).toMatchObject({
    status: 503,
    body: '{"error":"STORE_UNAVAILABLE"}',
  });
});

test('a postponement is thrown and not reported; the longest of several; with a failure it is a failure', async () => {
  const codes: string[] = [];
  const later = (afterMs: number) => () => Promise.reject(new PostponedError(afterMs));
  const receiver = createReceiver({ secret, onFailure: ({ code }) => codes.push(code) })
    .on('TODO_CREATED', later(50))
    .on('TODO_CREATED', later(70))
    .on('TODO_CREATED', later(60))
    .on('TODO_MOVED', later(50))
    .on('TODO_MOVED', () => Promise.reject(new UnrecoverableError('hopeless')));
  await expect(receiver.dispatch(stored())).rejects.toMatchObject({ name: 'PostponedError', afterMs: 70 });
  expect(codes).toEqual([]);
  const mixed = receiver.dispatch(stored({ ...record, event: 'TODO_MOVED' }));
  await expect(mixed).rejects.toMatchObject({ errors: [{ afterMs: 50 }, { message: 'hopeless' }] });
  expect(codes).toEqual(['HANDLER_FAILED']);
});

test('a PostponedError is refused, and not recognised, with an invalid time', () => {
  for (const afterMs of [0, -1, 0.5, Number.NaN, 86_400_001, '5', undefined]) {
    expect(() => new PostponedError(afterMs as number)).toThrow(/^afterMs must be a positive integer/);
  }
  expect(PostponedError.is(new PostponedError(1))).toBe(true);
  const changed = Object.assign(new PostponedError(1), { afterMs: Number.NaN });
  expect([changed, new Error(), null, { afterMs: 1 }].some(PostponedError.is)).toBe(false);
});
