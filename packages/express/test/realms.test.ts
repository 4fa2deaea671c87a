import type { IncomingMessage } from 'node:http';
import { runInNewContext } from 'node:vm';
import { createReceiver } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import express from 'express';
import { expect, test } from 'vitest';
import { blueWebhook, type NodeRequest } from '../src/index';
import { listen } from './serve';

const secret = 'a secret';
const realm = runInNewContext('({ Uint8Array, ArrayBuffer, DataView, Uint16Array })') as typeof globalThis;

/** The same bytes as an object of another realm, where `instanceof` of this realm fails. */
function foreign(bytes: Uint8Array): Uint8Array {
  const copy = new realm.Uint8Array(bytes.length + 8);
  copy.set(bytes, 4);
  return copy.subarray(4, 4 + bytes.length); // a view with an offset, as a pooled Buffer is
}

function detached(bytes: Uint8Array, view: (buffer: ArrayBuffer) => unknown): unknown {
  const copy = Uint8Array.from(bytes);
  const kept = view(copy.buffer);
  structuredClone(copy.buffer, { transfer: [copy.buffer] });
  return kept;
}

function shrunk(bytes: Uint8Array, view: (buffer: ArrayBuffer) => unknown): unknown {
  const buffer = Reflect.construct(ArrayBuffer, [bytes.length, { maxByteLength: bytes.length }]);
  const kept = view(buffer);
  (buffer as { resize?: (length: number) => void }).resize?.(1);
  return kept;
}

/** Sends a genuine delivery to an app whose platform left `kept` in one field of the request. */
async function deliver(field: 'rawBody' | 'body', keep: (bytes: Buffer) => unknown) {
  const codes: string[] = [];
  const app = express();
  app.use((req: IncomingMessage & NodeRequest, _res, next) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      Object.assign(req, { [field]: keep(Buffer.concat(chunks)) });
      next();
    });
  });
  app.post('/webhooks/blue', blueWebhook(createReceiver({ secret, onFailure: ({ code }) => codes.push(code) })));
  const { url } = await listen(app);
  const response = await fetch(url, { method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) });
  return [response.status, ...codes];
}

test('the foreign bytes of these tests are not an instance of this realm', () => {
  expect(foreign(new Uint8Array(1))).not.toBeInstanceOf(Uint8Array);
});

test.each<[string, (bytes: Buffer) => unknown]>([
  ['a Buffer', (bytes) => bytes],
  ['a Uint8Array', (bytes) => Uint8Array.from(bytes)],
  ['a DataView', (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)],
  ['an ArrayBuffer', (bytes) => Uint8Array.from(bytes).buffer],
  ['a string', String],
  ['a Uint8Array of another realm', foreign],
  ['a Uint8Array of another realm with the prototype of Buffer', (bytes) => asBuffer(foreign(bytes))],
  ['a DataView of another realm', (bytes) => new realm.DataView(foreign(bytes).buffer, 4, bytes.length)],
  ['an ArrayBuffer of another realm', (bytes) => new realm.Uint8Array(bytes).buffer],
])('accepts %s in rawBody and in body', async (_kind, keep) => {
  expect(await deliver('rawBody', keep)).toEqual([204]);
  expect(await deliver('body', keep)).toEqual([204]);
});

test.each<[string, (bytes: Buffer) => unknown]>([
  ['a detached Uint8Array', (bytes) => detached(bytes, (buffer) => new Uint8Array(buffer))],
  ['a detached DataView', (bytes) => detached(bytes, (buffer) => new DataView(buffer))],
  ['a detached ArrayBuffer', (bytes) => detached(bytes, (buffer) => buffer)],
  [
    'a Uint8Array whose buffer was shrunk',
    (bytes) => shrunk(bytes, (buffer) => new Uint8Array(buffer, 0, bytes.length)),
  ],
  ['a DataView whose buffer was shrunk', (bytes) => shrunk(bytes, (buffer) => new DataView(buffer, 0, bytes.length))],
  ['an object that claims to be an ArrayBuffer', () => ({ [Symbol.toStringTag]: 'ArrayBuffer' })],
  ['an array of numbers', (bytes) => [...bytes]],
  ['a Buffer that was serialised to JSON', (bytes) => JSON.parse(JSON.stringify(bytes))],
  ['a parsed object of another realm', (bytes) => runInNewContext('JSON.parse(text)', { text: String(bytes) })],
  ['a String object', (bytes) => new String(bytes)],
  ['null', () => null],
])('answers 500 BODY_ALREADY_READ for %s', async (_kind, keep) => {
  expect(await deliver('rawBody', keep)).toEqual([500, 'BODY_ALREADY_READ']);
  expect(await deliver('body', keep)).toEqual([500, 'BODY_ALREADY_READ']);
});

/** What `Buffer` of a jsdom environment is: the host's prototype chain ends in another realm's `Uint8Array`. */
function asBuffer(bytes: Uint8Array): Uint8Array {
  return Object.setPrototypeOf(bytes, Object.create(realm.Uint8Array.prototype));
}
