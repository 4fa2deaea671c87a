import { createReceiver, type Delivery, eventNames, sign, verify } from '@blue-webhooks/core';
import { toCloudEvent } from '@blue-webhooks/core/cloud-event';
import { type FixtureName, fixtures, samples, sampleSecret as secret } from '@blue-webhooks/testing';
import { CloudEvent, HTTP } from 'cloudevents';
import { describe, expect, test } from 'vitest';

const received = async (payload: object): Promise<Delivery> => {
  const body = JSON.stringify(payload);
  return verify({ body, signature: await sign(body, secret), secret });
};

/** What a recipient with the official SDK gets from the body that is sent. */
const roundTrip = (event: object) =>
  HTTP.toEvent({
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  }) as CloudEvent<unknown>;

describe('toCloudEvent', () => {
  test('has the source of a delivery without webhook for an id that no URI can hold', async () => {
    const source = async (id: string) =>
      toCloudEvent(await received({ event: 'TAG_CREATED', webhook: { id }, currentValue: { id: '1' } })).source;
    expect(await source('\ud800')).toBe('https://blue.cc/webhooks');
    expect(await source('w')).toBe('https://blue.cc/webhooks/w');
  });

  test('returns the attributes of CloudEvents 1.0', async () => {
    const delivery = await received(fixtures.TODO_MOVED);
    expect(toCloudEvent(delivery)).toEqual({
      specversion: '1.0',
      id: delivery.id,
      source: `https://blue.cc/webhooks/${fixtures.TODO_MOVED.webhook.id}`,
      type: 'cc.blue.TODO_MOVED',
      subject: fixtures.TODO_MOVED.currentValue.id,
      time: delivery.receivedAt.toISOString(),
      datacontenttype: 'application/json',
      data: delivery.event,
    });
  });

  test.each(Object.keys(fixtures) as FixtureName[])('round-trips %s through the official SDK', async (name) => {
    const event = toCloudEvent(await received(fixtures[name]));
    const read = roundTrip(event);
    expect(read.validate()).toBe(true);
    expect({ ...read.toJSON() }).toEqual(JSON.parse(JSON.stringify(event)));
    // The SDK writes it in structured mode as it was sent.
    expect(JSON.parse(String(HTTP.structured(read).body))).toEqual(JSON.parse(JSON.stringify(event)));
    expect(new CloudEvent(JSON.parse(JSON.stringify(event))).type).toBe(`cc.blue.${fixtures[name].event}`);
  });

  test('names the entity of a created, a deleted and an older event, and none of a health check', async () => {
    const subject = async (name: FixtureName) => toCloudEvent(await received(fixtures[name])).subject;
    expect(await subject('TODO_CREATED')).toBe(fixtures.TODO_CREATED.currentValue.id);
    expect(await subject('TAG_DELETED')).toBe(fixtures.TAG_DELETED.previousValue.id);
    expect(await subject('RECORD_CREATED')).toBe(fixtures.RECORD_CREATED.record.id);
    expect('subject' in toCloudEvent(await received(fixtures.WEBHOOK_HEALTH_CHECK))).toBe(false);
  });

  test('carries an unknown event under its own name, as it was sent', async () => {
    const { data, type } = toCloudEvent(await received(fixtures.TODO_ARCHIVED));
    expect(type).toBe('cc.blue.TODO_ARCHIVED');
    expect(data).toMatchObject({ event: 'TODO_ARCHIVED', currentValue: fixtures.TODO_ARCHIVED.currentValue });
  });

  test('has the same id and source for every attempt', async () => {
    const { body, signature } = samples.TODO_CREATED;
    const [first, second] = await Promise.all([1, 2].map(() => verify({ body, signature, secret })));
    const attributes = ({ id, source }: { id: string; source: string }) => [id, source];
    expect(attributes(toCloudEvent(first as Delivery))).toEqual(attributes(toCloudEvent(second as Delivery)));
  });

  const withSecret = (event: string) => ({ event, webhook: { id: 'w', secret: 'leaked', metadata: {} } });
  test.each([...Object.values(eventNames).flat(), 'WEBHOOK_HEALTH_CHECK', 'RECORD_CREATED', 'TODO_ARCHIVED'])(
    "never has the webhook's secret of %s",
    async (name) => {
      const row = { id: '1', title: 'T', name: 'N' };
      const bodies = [
        withSecret(name),
        { ...withSecret(name), record: row, currentValue: row, previousValue: row },
        { ...withSecret(name), record: row, currentValue: row },
        { ...withSecret(name), record: row, previousValue: row },
      ];
      for (const body of bodies) {
        expect(JSON.stringify(body)).toContain('leaked');
        expect(JSON.stringify(toCloudEvent(await received(body)))).not.toContain('leaked');
      }
    },
  );

  test('takes another source, and throws TypeError for one that is not a URI-reference', async () => {
    const delivery = await received(fixtures.TODO_MOVED);
    for (const source of ['/blue/acme', 'urn:acme:blue', 'https://example.com/blue?a=1#b']) {
      expect(roundTrip(toCloudEvent(delivery, { source })).source).toBe(source);
    }
    for (const source of ['', 'two words', 'a\nb', '<a>', 7, null]) {
      expect(() => toCloudEvent(delivery, { source: source as never })).toThrow('`source` must be a URI-reference');
    }
  });

  test('escapes the id of the webhook, and omits a missing one', async () => {
    const of = async (webhook: unknown) => toCloudEvent(await received({ ...fixtures.TODO_MOVED, webhook })).source;
    expect(await of({ id: 'a b/../c?d' })).toBe('https://blue.cc/webhooks/a%20b%2F..%2Fc%3Fd');
    expect(await of(null)).toBe('https://blue.cc/webhooks');
  });

  test('is typed in a handler', () => {
    createReceiver({ secret }).on('TODO_MOVED', (_, delivery) => {
      toCloudEvent(delivery).data.currentValue.title satisfies string;
    });
  });
});
