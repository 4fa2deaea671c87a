import { createReceiver, memoryLedger, type Outcome, type ReceiverOptions } from '@blue-webhooks/core';
import { changeId } from '@blue-webhooks/core/adapter';
import { fixtures, signedRequest } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';

const moved = fixtures.TODO_MOVED;
const of = (rawBody: string) => changeId({ id: 'its own id', rawBody });
const id = (payload: object) => of(JSON.stringify(payload));

describe('changeId', () => {
  test('is equal for the deliveries of two webhooks, and differs with event, values and their order in time', async () => {
    const first = await id(moved);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(await id({ ...moved, webhook: { ...moved.webhook, id: 'other', secret: '' } })).toBe(first);
    expect(await id({ ...moved, webhook: null })).toBe(first);
    expect(await id(Object.fromEntries(Object.entries(moved).reverse()))).toBe(first);
    const { previousValue, currentValue } = moved;
    const others = [
      { ...moved, event: 'TODO_NAME_CHANGED' },
      { ...moved, currentValue: { ...currentValue, updatedAt: '2026-01-12T10:30:41.508Z' } },
      { ...moved, previousValue: { ...previousValue, title: 'x' } },
      { ...moved, previousValue: currentValue, currentValue: previousValue },
      { ...moved, previousValue: null },
    ];
    for (const other of others) expect(await id(other)).not.toBe(first);
  });

  test.each([
    ['numbers that JSON.parse rounds to one', '{"n":9007199254740992}', '{"n":9007199254740993}'],
    ['a number that JSON.parse makes infinite', '{"n":1e400}', '{"n":1e500}'],
    ['a value that looks like the end of another', '{"t":"}"}', '{"t":"},"}'],
    ['an escaped quote', String.raw`{"t":"\""}`, String.raw`{"t":"\\\""}`],
    ['a nested webhook', '{"webhook":{"id":1}}', '{"webhook":{"id":2}}'],
    ['a nested event', '{"event":"A"}', '{"event":"B"}'],
  ])('differs for %s', async (_, one, other) => {
    const body = (value: string) => `{"event":"X","webhook":{"id":"w"},"previousValue":null,"currentValue":${value}}`;
    expect(await of(body(one))).not.toBe(await of(body(other)));
  });

  test('takes the last of two members of one name, also where it is spelled with escapes', async () => {
    const plain = await of('{"event":"X","currentValue":{"id":"2"}}');
    expect(await of('{"event":"X","currentValue":{"id":"1"},"currentValue":{"id":"2"}}')).toBe(plain);
    expect(await of(String.raw`{"event":"X","currentValue":{"id":"1"},"c\u0075rrentValue":{"id":"2"}}`)).toBe(plain);
    expect(await of('{ "event" : "X" ,\n"currentValue" : {"id":"2"} }')).toBe(plain);
  });

  test('is the id of the delivery where there is no value, such as for a health check', async () => {
    expect(await id({ event: 'WEBHOOK_HEALTH_CHECK', webhook: moved.webhook })).toBe('its own id');
    expect(await id({ event: 'X', previousValue: null, currentValue: null })).toBe('its own id');
    expect(await id({ event: 'RECORD_CREATED', record: { id: '1' }, webhook: null })).toBe('its own id');
  });

  test('reads a body that is nested a million levels deep', async () => {
    const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
    expect(await of(`{"event":"X","currentValue":${deep}}`)).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('dedupe', () => {
  const url = 'http://localhost/';
  const secret = ['the old secret', 'the new secret'];

  async function delivered(options: Partial<ReceiverOptions>, payloads = [moved, moved]) {
    const handled: string[] = [];
    const outcomes: Outcome[] = [];
    const receiver = createReceiver({
      secret,
      ledger: memoryLedger(),
      onOutcome: (outcome: Outcome) => void outcomes.push(outcome),
      ...options,
    } as ReceiverOptions).on('TODO_MOVED', (_, { id }) => void handled.push(id));
    for (const [place, payload] of payloads.entries()) {
      const of = { ...payload, webhook: { ...moved.webhook, id: `webhook-${place}` } };
      const request = await signedRequest(of, { secret: secret[place] as string, url });
      expect((await receiver.fetch(request)).status).toBe(204);
    }
    return { handled, outcomes };
  }

  test("handles a change that two webhooks deliver twice by default, and once with 'change'", async () => {
    for (const options of [{}, { dedupe: 'delivery' as const }]) {
      expect((await delivered(options)).handled).toHaveLength(2);
    }
    const { handled, outcomes } = await delivered({ dedupe: 'change' });
    expect(handled).toHaveLength(1);
    expect(outcomes.map(({ duplicate }) => duplicate)).toEqual([false, true]);
    expect(new Set(outcomes.map(({ deliveryId }) => deliveryId))).toEqual(new Set(handled));
  });

  test('handles two changes, which differ in updatedAt alone', async () => {
    const later = { ...moved, currentValue: { ...moved.currentValue, updatedAt: '2031-01-12T10:30:41.508Z' } };
    expect((await delivered({ dedupe: 'change' }, [moved, later])).handled).toHaveLength(2);
  });

  test.each([true, 'changes', null, {}])('throws TypeError for %j', (dedupe) => {
    expect(() => createReceiver({ secret, dedupe } as never)).toThrow("dedupe must be 'delivery' or 'change'");
  });
});
