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

describe('a view whose memory was taken away', () => {
  const resizable = (view: string) =>
    runInNewContext(
      `(() => {
        const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
        const view = ${view};
        buffer.resize(8);
        return view;
      })()`,
    ) as never;

  test.each([
    ['a view longer than the shrunk buffer', 'new Uint8Array(buffer, 0, 32)'],
    ['a view that begins after the shrunk end', 'new Uint8Array(buffer, 16)'],
    ['wider elements', 'new Float64Array(buffer, 16, 2)'],
    ['a DataView', 'new DataView(buffer, 0, 32)'],
    ['a DataView that begins after the end', 'new DataView(buffer, 16)'],
  ])('%s is a TypeError, not an empty body or secret', async (_, view) => {
    const empty = await sign('', secret);
    await expect(verify({ body: resizable(view), signature: empty, secret })).rejects.toThrow(/detached|shrunk/);
    await expect(verifySignature({ body: resizable(view), signature: empty, secret })).rejects.toThrow(TypeError);
    await expect(sign(resizable(view), secret)).rejects.toThrow(TypeError);
    expect(() => createReceiver({ secret: resizable(view) })).toThrow(/detached|shrunk/);
    const header = (name: string) => (name === 'x-signature' ? empty : undefined);
    const outcome = await createReceiver({ secret }).handle({ method: 'POST', header, body: resizable(view) });
    expect(outcome.code).toBe('BODY_ALREADY_READ');
  });

  test('a detached DataView is a TypeError', async () => {
    const view = new DataView(Uint8Array.from(body).buffer);
    structuredClone(view, { transfer: [view.buffer] });
    await expect(verify({ body: view as never, signature, secret })).rejects.toThrow('detached');
    expect(() => createReceiver({ secret: view as never })).toThrow(TypeError);
  });
});

test('bytes on a resizable or a shared buffer are verified', async () => {
  const fill = (buffer: ArrayBufferLike) => {
    const bytes = new Uint8Array(buffer);
    bytes.set(body);
    return bytes;
  };
  const resizable = new (ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer)(body.length, {
    maxByteLength: 2 * body.length,
  });
  for (const bytes of [fill(resizable), fill(new SharedArrayBuffer(body.length))]) {
    for (const form of [bytes, new DataView(bytes.buffer), ...(bytes.buffer === resizable ? [resizable] : [])]) {
      expect(await verifySignature({ body: form as never, signature, secret })).toBe(true);
      expect((await verify({ body: form as never, signature, secret })).event.event).toBe('TODO_CREATED');
    }
    const key = Uint8Array.from(bytes.subarray(0, 9));
    expect(await sign(body, bytes.subarray(0, 9))).toBe(await sign(body, key));
  }
});

describe('what only looks like bytes', () => {
  const tag = (value: string) => ({ [Symbol.toStringTag]: value, byteLength: 0, byteOffset: 0, length: 0 });

  test.each([
    ['tagged as an ArrayBuffer', tag('ArrayBuffer')],
    ['tagged as a SharedArrayBuffer', tag('SharedArrayBuffer')],
    ['tagged as a Uint8Array', tag('Uint8Array')],
    ['made from Uint8Array.prototype', Object.create(Uint8Array.prototype)],
    ['made from ArrayBuffer.prototype', Object.create(ArrayBuffer.prototype)],
    ['a list of bytes', [...body]],
  ])('an object %s is a TypeError', async (_, value) => {
    const empty = await sign('', secret);
    await expect(verify({ body: value as never, signature: empty, secret })).rejects.toThrow(
      /body is an (object|array)/,
    );
    await expect(sign(value as never, secret)).rejects.toThrow(TypeError);
    expect(() => createReceiver({ secret: { id: 'a', secret: value } as never })).toThrow(TypeError);
    const header = (name: string) => (name === 'x-signature' ? empty : undefined);
    const outcome = await createReceiver({ secret }).handle({ method: 'POST', header, body: value as never });
    expect(outcome.code).toBe('BODY_ALREADY_READ');
  });

  test('a view that lies about its length, its place or its kind is read as it is', async () => {
    class Lying extends Uint8Array {
      override get length() {
        return 0;
      }
      override get byteLength() {
        return 0;
      }
      override get byteOffset() {
        return 3;
      }
      override get buffer(): ArrayBuffer {
        return new ArrayBuffer(8);
      }
      override get [Symbol.toStringTag](): 'Uint8Array' {
        return 'DataView' as never;
      }
    }
    expect(await verifySignature({ body: Lying.from(body), signature, secret })).toBe(true);
    const buffer = Uint8Array.from(body).buffer;
    Object.defineProperty(buffer, Symbol.toStringTag, { value: 'Promise' });
    expect(await verifySignature({ body: buffer, signature, secret })).toBe(true);
    expect(await verifySignature({ body: new Uint8Array(buffer), signature, secret })).toBe(true);
  });
});

test('bytes that change after sign or verifySignature was called do not change its result', async () => {
  for (const call of [
    (bytes: Uint8Array) => sign(bytes, secret),
    (bytes: Uint8Array) => verifySignature({ body: bytes, signature, secret }),
    (bytes: Uint8Array) => verifySignature({ body: bytes, signature, secret: ['another', secret] }),
  ]) {
    const expected = await call(Uint8Array.from(body));
    const mutable = Uint8Array.from(body);
    const pending = call(mutable);
    mutable.fill(32);
    expect(await pending).toBe(expected);
  }
});

test('a secret in bytes that change after the receiver was created does not change', async () => {
  const key = new TextEncoder().encode(secret);
  const receiver = createReceiver({ secret: key });
  key.fill(0);
  const header = (name: string) => (name === 'x-signature' ? signature : undefined);
  expect((await receiver.handle({ method: 'POST', header, body })).status).toBe(204);
});
