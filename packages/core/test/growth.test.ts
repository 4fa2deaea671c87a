import { describe, expect, test } from 'vitest';
import type { BodySource } from '../src/delivery';
import { webhookIdHint } from '../src/hint';
import { createReceiver } from '../src/index';
import { readBody } from '../src/read';

/** Bodies that are built to cost time before they are verified. */
const adversaries: Readonly<Record<string, (size: number) => string>> = {
  'escaped quotation marks in a string without end': (size) => `{"webhook":{"x":"${'\\"'.repeat(size / 2)}`,
  'backslashes in a string without end': (size) => `{"webhook":{"x":"${'\\'.repeat(size)}`,
  'a string without end': (size) => `{"webhook":{"x":"${'a'.repeat(size)}`,
  'strings that begin and end': (size) => '"" '.repeat(size / 3),
  'quotation marks': (size) => '"'.repeat(size),
  'nested objects': (size) => '{"webhook":'.repeat(size / 11),
  'nested lists': (size) => '['.repeat(size),
  'closing brackets': (size) => '}]'.repeat(size / 2),
  'keys without end': (size) => `{${'"webhook":'.repeat(size / 10)}`,
  'webhooks without an id': (size) => `{${'"webhook":1,"id":2,'.repeat(size / 19)}`,
  'an id without end': (size) => `{"webhook":{"id":"${'\\u0061'.repeat(size / 6)}`,
  'white space': (size) => ' '.repeat(size),
};

/** Bytes that count how often one of them is read. */
function counting(text: string): { readonly bytes: Uint8Array; readonly reads: () => number } {
  let reads = 0;
  const bytes = new Proxy(new TextEncoder().encode(text), {
    get(target, key) {
      if (typeof key === 'string' && key.charCodeAt(0) < 58) {
        reads += 1; // an index
        return target[Number(key)];
      }
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) => {
        reads += target.length; // as if it read all of them
        return Reflect.apply(value, target, parameters);
      };
    },
  });
  return { bytes, reads: () => reads };
}

describe('the hint of a webhook id', () => {
  test.each(Object.entries(adversaries))('reads each byte a bounded number of times: %s', (_, make) => {
    for (const size of [32_768, 65_536]) {
      const { bytes, reads } = counting(make(size));
      webhookIdHint(bytes);
      expect(reads()).toBeLessThanOrEqual(2 * size + 100);
    }
  });

  test.each(Object.entries(adversaries))('reads nothing beyond its first 64 KiB: %s', (_, make) => {
    for (const size of [1 << 20, 2 << 20]) {
      const { bytes, reads } = counting(make(size));
      webhookIdHint(bytes);
      expect(reads()).toBeLessThanOrEqual(2 * 65_536 + 100);
    }
  });
});

describe('reading a body', () => {
  /** Gives a body byte by byte, and counts what is read of each chunk. */
  async function stepsFor(size: number): Promise<number> {
    let steps = 0;
    const source: BodySource = (sink) => {
      for (let i = 0; i < size; i++) {
        steps += 1;
        sink.chunk(Uint8Array.of(32));
      }
      sink.end();
      return () => {};
    };
    const set = Uint8Array.prototype.set;
    Uint8Array.prototype.set = function (this: Uint8Array, source: ArrayLike<number>, offset?: number) {
      steps += source.length;
      return set.call(this, source, offset);
    };
    try {
      const raw = { method: 'POST', header: () => undefined, body: source };
      const bytes = await readBody(raw, { maxBodyBytes: size, bodyTimeoutMs: 60_000 });
      expect(bytes).toHaveLength(size);
      return steps;
    } finally {
      Uint8Array.prototype.set = set;
    }
  }

  test('of twice as many chunks copies twice as many bytes', async () => {
    const [once, twice] = [await stepsFor(32_768), await stepsFor(65_536)];
    expect(twice).toBeLessThanOrEqual(2 * once);
  });
});

test('a secret function is called once for each forgery', async () => {
  const asked: unknown[] = [];
  const receiver = createReceiver({
    secret: ({ webhookId }) => {
      asked.push(webhookId);
      return undefined;
    },
  });
  for (const make of Object.values(adversaries)) {
    const body = new TextEncoder().encode(make(65_536));
    const header = (name: string) => (name === 'x-signature' ? 'a'.repeat(64) : undefined);
    expect(await receiver.handle({ method: 'POST', header, body })).toMatchObject({
      status: 401,
      code: 'SECRET_UNKNOWN',
    });
  }
  expect(asked).toHaveLength(Object.keys(adversaries).length);
});
