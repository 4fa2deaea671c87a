import { createReceiver } from '@blue-webhooks/core';
import {
  type Deliverable,
  fixtures,
  sampleSecret,
  samples,
  signedDelivery,
  signedRequest,
} from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { opensslHmacs } from './openssl';

const secret = sampleSecret;
const url = 'http://localhost/webhooks/blue';
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test.each(Object.entries(samples))(
  '%s is sent with the bytes and the signature of the sample',
  async (name, sample) => {
    const { body, headers } = await signedDelivery(name as keyof typeof samples, { secret });
    expect(text(body)).toBe(sample.body);
    expect(headers).toEqual({ 'content-type': 'application/json', 'x-signature': sample.signature });
  },
);

test('an object is sent as JSON, with a signature that openssl confirms', async () => {
  const { body, headers } = await signedDelivery({ ...fixtures.TODO_MOVED, extra: 'ä 📄' }, { secret: 'another one' });
  expect(JSON.parse(text(body))).toEqual({ ...fixtures.TODO_MOVED, extra: 'ä 📄' });
  expect(headers['x-signature']).toBe(opensslHmacs([body], 'another one')[0]);
});

test('bytes are sent unchanged, also if they are not JSON and only a view', async () => {
  const bytes = new Uint8Array([0, 1, 0xff, 0xfe, 9]).subarray(1, 4);
  const { body, headers } = await signedDelivery(bytes, { secret });
  expect(body).toEqual(new Uint8Array([1, 0xff, 0xfe]));
  expect(headers['x-signature']).toBe(opensslHmacs([bytes], secret)[0]);
});

test('a signed request is accepted by a receiver', async () => {
  const titles: unknown[] = [];
  const receiver = createReceiver({ secret }).on('TODO_MOVED', (event) => titles.push(event.currentValue.title));
  const request = await signedRequest('TODO_MOVED', { secret, url });
  expect(request.method).toBe('POST');
  expect(request.url).toBe(url);
  expect((await receiver.fetch(request)).status).toBe(204);
  expect(titles).toEqual(['Draft proposal']);
});

test('a string that is not the name of a fixture is refused with the fix', async () => {
  for (const name of ['TODO_MOVD', '{"event":"TODO_MOVED"}', 'constructor', '']) {
    await expect(signedDelivery(name as Deliverable, { secret })).rejects.toThrow(
      /is not the name of a fixture.*TextEncoder/s,
    );
  }
});

test.each([[undefined], [null], [7], [true]])('%s is refused as an event', async (event) => {
  await expect(signedDelivery(event as unknown as Deliverable, { secret })).rejects.toThrow(TypeError);
});

test('an empty or missing secret and a malformed URL are refused', async () => {
  await expect(signedDelivery('TODO_MOVED', { secret: '' })).rejects.toThrow(TypeError);
  await expect(signedDelivery('TODO_MOVED', { secret: undefined })).rejects.toThrow(TypeError);
  await expect(signedRequest('TODO_MOVED', { secret, url: 'not a url' })).rejects.toThrow(TypeError);
});
