import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { BodySource } from '../src/adapter';
import { DriverError, readBody } from '../src/adapter';
import type { RawDelivery } from '../src/index';
import { WebhookError } from '../src/index';

const MIB = 1_048_576;
const limits = { maxBodyBytes: 2 * MIB, bodyTimeoutMs: 60_000 };
const raw = (body: RawDelivery['body']): RawDelivery => ({ method: 'POST', header: () => undefined, body });
const inPieces =
  (...pieces: readonly (Uint8Array | string)[]): BodySource =>
  (sink) => {
    for (const piece of pieces) sink.chunk(piece);
    sink.end();
    return () => {};
  };

test.each<[string, readonly (Uint8Array | string)[], string]>([
  ['no chunk', [], ''],
  ['empty chunks', [new Uint8Array(), '', new Uint8Array()], ''],
  ['one chunk', ['abc'], 'abc'],
  ['chunks between empty ones', ['', 'a', '', 'bc', ''], 'abc'],
  ['many chunks of one byte', Array.from({ length: 5_000 }, (_, i) => String(i % 10)), '0123456789'.repeat(500)],
  ['chunks of growing length', ['a', 'b'.repeat(10), 'c'.repeat(5_000)], `a${'b'.repeat(10)}${'c'.repeat(5_000)}`],
])('joins %s', async (_, pieces, expected) => {
  expect(new TextDecoder().decode(await readBody(raw(inPieces(...pieces)), limits))).toBe(expected);
});

test('a chunk that its source uses again does not change what was read', async () => {
  const buffer = new TextEncoder().encode('ab');
  const source: BodySource = (sink) => {
    sink.chunk(buffer);
    buffer.set([120, 121]);
    sink.chunk(buffer);
    structuredClone(buffer, { transfer: [buffer.buffer] });
    sink.end();
    return () => {};
  };
  expect(new TextDecoder().decode(await readBody(raw(source), limits))).toBe('abxy');
});

test('large chunks among small ones are joined in order, in memory that is not that of a chunk', async () => {
  const large = (fill: number) => new Uint8Array(16_384).fill(fill);
  const pieces = [large(1), Uint8Array.of(2), Uint8Array.of(3), large(4), large(5), Uint8Array.of(6)];
  const read = await readBody(raw(inPieces(...pieces)), limits);
  expect(Buffer.from(read).equals(Buffer.concat(pieces))).toBe(true);

  const [alone] = pieces as [Uint8Array];
  const copy = await readBody(raw(inPieces(alone)), limits);
  alone.fill(9);
  expect(copy).toEqual(large(1));
});

test('a large chunk that loses its memory before the body has ended is BODY_INCOMPLETE', async () => {
  const chunk = new Uint8Array(20_000);
  const source: BodySource = (sink) => {
    sink.chunk(chunk);
    structuredClone(chunk, { transfer: [chunk.buffer] });
    sink.end();
    return () => {};
  };
  const error = await readBody(raw(source), limits).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'BODY_INCOMPLETE' });
});

test('a body in chunks of one byte, or of none, is held in the memory of its bytes', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const whole = new Uint8Array(MIB);
  const empty = new Uint8Array();
  let held = 0;
  const source: BodySource = (sink) => {
    collect();
    const before = process.memoryUsage();
    for (let at = 0; at < MIB; at++) {
      sink.chunk(whole.subarray(at, at + 1));
      sink.chunk(empty);
    }
    collect();
    const after = process.memoryUsage();
    held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    sink.end();
    return () => {};
  };
  expect(await readBody(raw(source), limits)).toHaveLength(MIB);
  expect(held).toBeLessThan(8 * MIB); // a list of chunks takes about a hundred
});

test.each(['fail', 'consumed'] as const)(
  'the cause of a body that %ss carries nothing of the platform error',
  async (end) => {
    const cause = Object.assign(new Error('Body exceeds limit of 524288 bytes: {"title":"Salary of Ada"}'), {
      chunk: Buffer.from('Salary of Ada'),
      request: { headers: { 'x-signature': 'hunter2' } },
    });
    const source: BodySource = (sink) => {
      sink[end](cause);
      return () => {};
    };
    const error = (await readBody(raw(source), limits).catch((thrown) => thrown)) as WebhookError;
    expect(WebhookError.is(error)).toBe(true);
    expect(error.code).toBe(end === 'fail' ? 'BODY_INCOMPLETE' : 'BODY_ALREADY_READ');
    expect(error.cause).toBeInstanceOf(DriverError);
    expect((error.cause as Error).message).toContain('exceeds limit of 524288 bytes');
    if (end === 'fail') expect(error.message).toContain('BODY_SIZE_LIMIT');
    const seen = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(seen).not.toMatch(/Salary|hunter2|53 61 6c/);
  },
);

test.each<[string, unknown, boolean]>([
  ['an error', new Error('Content-length of 700000 exceeds limit of 524288 bytes.'), true],
  ['an error with such a name', Object.assign(new Error('413'), { name: 'PayloadTooLargeError' }), true],
  ['the cause of an error', new Error('fetch failed', { cause: new Error('body is too large') }), true],
  ['one of several errors', new AggregateError([new Error('request entity too large')], 'failed'), true],
  ['a string', 'Body exceeded 1mb limit', true],
  ['a cut connection', Object.assign(new Error('aborted'), { code: 'ECONNRESET' }), false],
  ['a number', 413, false],
])('points to the limit of a platform that says so in %s', async (_, cause, hinted) => {
  const source: BodySource = (sink) => {
    sink.fail(cause);
    return () => {};
  };
  const error = (await readBody(raw(source), limits).catch((thrown) => thrown)) as WebhookError;
  expect(error.code).toBe('BODY_INCOMPLETE');
  expect(error.message.includes('BODY_SIZE_LIMIT')).toBe(hinted);
});

test('a body that ends without a reason has no cause', async () => {
  const source: BodySource = (sink) => {
    sink.fail();
    return () => {};
  };
  const error = (await readBody(raw(source), limits).catch((thrown) => thrown)) as WebhookError;
  expect('cause' in error).toBe(false);
});
