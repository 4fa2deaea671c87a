import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../src/listen/database';
import { type Arrival, Journal, type JournalLimits } from '../src/listen/journal';
import { scratchFolder } from './files';

function journalWith(limits: JournalLimits) {
  const journal = new Journal(openDatabase(join(scratchFolder(), 'journal.db')), limits);
  onTestFinished(() => journal.close());
  const arrive = (place: number, more: Partial<Arrival> = {}) =>
    journal.arrived({
      receivedAtMs: place,
      path: '/',
      headers: [],
      body: Buffer.alloc(1_000, 'x'),
      status: 204,
      code: undefined,
      durationMs: 1,
      deliveryId: String(place),
      drift: [],
      ...more,
    });
  return { journal, arrive };
}

test('deletes the oldest deliveries beyond the maximum count', () => {
  const { journal, arrive } = journalWith({ maxDeliveries: 150, maxBytes: 10 ** 9 });
  for (let place = 1; place <= 300; place++) arrive(place);
  expect(journal.counts().all).toBe(150);
  expect(journal.list({}, 1)[0]?.key).toBe('300');
  expect(journal.get(150)).toBeUndefined();
  expect(journal.get(151)?.body).toHaveLength(1_000);
});

test('deletes the oldest deliveries beyond the maximum size', () => {
  // 1,000 bytes of body, and 5 of headers, drift and path.
  const { journal, arrive } = journalWith({ maxDeliveries: 10 ** 6, maxBytes: 50 * 1_005 });
  for (let place = 1; place <= 300; place++) arrive(place);
  expect(journal.counts().all).toBe(50);
});

test('limits the count of deliveries if duplicates use up sequence numbers', () => {
  const { journal, arrive } = journalWith({ maxDeliveries: 50, maxBytes: 10 ** 9 });
  const forged = { deliveryId: undefined, status: 401, code: 'SIGNATURE_MISMATCH' } as const;
  for (let place = 1; place <= 1_000; place++) {
    const one = { ...forged, body: Buffer.from(`forgery ${place}`) };
    for (let time = 0; time <= place % 3; time++) arrive(place, one);
  }
  expect(journal.counts().all).toBe(50);
  expect(journal.list({ query: 'forgery 1000' }, 10)).toHaveLength(1);
});

test('includes headers in the maximum size', () => {
  const { journal, arrive } = journalWith({ maxDeliveries: 10 ** 6, maxBytes: 100_000 });
  const forged = { deliveryId: undefined, status: 401, code: 'SIGNATURE_MISSING', body: Buffer.alloc(0) } as const;
  for (let place = 1; place <= 100; place++)
    arrive(place, { ...forged, headers: ['X-Signature', `${place}`, 'X', 'x'.repeat(10_000)] });
  expect(journal.counts().all).toBe(9);
});

test('counts a thousand duplicates, and lists the first of them', () => {
  const { journal, arrive } = journalWith({ maxDeliveries: 10, maxBytes: 10 ** 9 });
  for (let time = 1; time <= 1_000; time++) arrive(time, { deliveryId: 'the same' });
  expect(journal.get(1)?.times).toBe(1_000);
  expect(journal.get(1)?.arrivals).toHaveLength(200);
});

test('counts identical forgeries as one delivery, and others separately', () => {
  const { journal, arrive } = journalWith({ maxDeliveries: 10, maxBytes: 10 ** 9 });
  const forged = { deliveryId: undefined, status: 401, code: 'SIGNATURE_MISMATCH' } as const;
  arrive(1, { ...forged, headers: ['X-Signature', 'a'] });
  arrive(2, { ...forged, headers: ['x-signature', 'a'] });
  arrive(3, { ...forged, headers: ['x-signature', 'b'] });
  arrive(4, { ...forged, headers: ['x-signature', 'a'], body: Buffer.from('y') });
  expect(journal.list({ show: 'refused' }, 10).map(({ times }) => times)).toEqual([1, 1, 2]);
});
