import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { createReceiver, sign, verify, verifySignature } from '../src/index';
import { sample } from './samples';

const { body, signature, secret } = sample('todo-created');
const foreign = (code: string): never => runInNewContext(code, { bytes: [...body], TextEncoder: undefined }) as never;

describe('bytes of another realm', () => {
  test.each([
    ['a Uint8Array', 'Uint8Array.from(bytes)'],
    ['an ArrayBuffer', 'Uint8Array.from(bytes).buffer'],
    ['a DataView', 'new DataView(Uint8Array.from(bytes).buffer)'],
    ['a view that begins later', 'Uint8Array.from([1, 2, 3, ...bytes]).subarray(3)'],
    [
      'shared memory',
      '(() => { const b = new Uint8Array(new SharedArrayBuffer(bytes.length)); b.set(bytes); return b; })()',
    ],
  ])('%s is a body', async (_, code) => {
    expect(await verifySignature({ body: foreign(code), signature, secret })).toBe(true);
    expect((await verify({ body: foreign(code), signature, secret })).event.event).toBe('TODO_CREATED');
  });

  test('a Uint8Array is a secret', async () => {
    const key = runInNewContext('Uint8Array.from(secret)', { secret: [...Buffer.from(secret)] }) as Uint8Array;
    expect(await sign(body, key)).toBe(signature);
  });
});

describe('a detached buffer', () => {
  const detached = () => {
    const bytes = Uint8Array.from(body);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    return bytes;
  };

  test('is a TypeError as a body', async () => {
    for (const gone of [detached(), detached().buffer, new DataView(Uint8Array.from(body).buffer)].slice(0, 2)) {
      await expect(verify({ body: gone as never, signature, secret })).rejects.toThrow('a detached buffer');
      await expect(verifySignature({ body: gone as never, signature, secret })).rejects.toThrow(TypeError);
    }
  });

  test('is a TypeError as a secret', () => {
    expect(() => createReceiver({ secret: detached() })).toThrow(TypeError);
    expect(() => createReceiver({ secret: ['a', detached()] })).toThrow('secret[1] must be a string or a Uint8Array');
  });

  test('is a consumed body as a delivery', async () => {
    const receiver = createReceiver({ secret });
    const header = (name: string) => (name === 'x-signature' ? signature : undefined);
    expect((await receiver.handle({ method: 'POST', header, body: detached() })).code).toBe('BODY_ALREADY_READ');
  });
});

test('a hole in a list of secrets is a TypeError', () => {
  const sparse = ['one', 'two', 'three'];
  delete sparse[1];
  expect(() => createReceiver({ secret: sparse })).toThrow('secret[1] is undefined');
});

test('bytes that change after they were handed over do not change what is parsed', async () => {
  const mutable = Uint8Array.from(body);
  const pending = verify({ body: mutable, signature, secret: async () => secret });
  mutable.fill(32);
  expect((await pending).rawBody).toBe(new TextDecoder().decode(body));

  const known = Uint8Array.from(body);
  const verified = verify({ body: known, signature, secret });
  known.fill(32);
  expect((await verified).rawBody).toBe(new TextDecoder().decode(body));
});
