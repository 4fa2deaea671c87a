import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createBlueSimulator, createVirtualClock, signedDelivery } from '../src/index';

const secret = 'a secret';
const realm = runInNewContext('({ Uint8Array, DataView })') as typeof globalThis;
const body = new TextEncoder().encode('{ "event": "TODO_CREATED" }');

/** A copy whose bytes do not begin at the start of their buffer. */
function within(View: typeof Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new View(body.length + 4);
  padded.set(body, 2);
  return padded.subarray(2, 2 + body.length);
}

test.each<[string, object]>([
  ['a Uint8Array', within(Uint8Array)],
  ['a Buffer', Buffer.from(body)],
  ['an ArrayBuffer', body.slice().buffer],
  ['a DataView', new DataView(within(Uint8Array).buffer, 2, body.length)],
  ['a Uint8Array of another realm', within(realm.Uint8Array)],
  ['a DataView of another realm', new realm.DataView(within(realm.Uint8Array).buffer, 2, body.length)],
  ['an ArrayBuffer of another realm', realm.Uint8Array.from(body).buffer],
])('signedDelivery signs the bytes of %s as they are', async (_kind, bytes) => {
  const signed = await signedDelivery(bytes, { secret });
  expect(Buffer.from(signed.body)).toEqual(Buffer.from(body));
  expect(signed.headers).toEqual((await signedDelivery(body, { secret })).headers);
});

test('the simulated Blue accepts a secret of another realm, and refuses an empty one', () => {
  const create = (bytes: Uint8Array) =>
    createBlueSimulator({ url: 'http://localhost/', secret: bytes, clock: createVirtualClock() });
  expect(() => create(realm.Uint8Array.of(1, 2, 3))).not.toThrow();
  expect(() => create(realm.Uint8Array.of())).toThrow(TypeError);
});
