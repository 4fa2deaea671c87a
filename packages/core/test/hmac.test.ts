import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { hmac as node } from '../src/hmac/node';
import { hmac as web } from '../src/hmac/web';

const bytes = (minLength: number) => fc.uint8Array({ minLength, maxLength: 300 });

test('Node and Web Crypto sign and digest alike', async () => {
  await fc.assert(
    fc.asyncProperty(bytes(1), bytes(0), async (secret, body) => {
      expect(await web.sign(web.importKey(secret), body)).toBe(node.sign(node.importKey(secret), body));
      expect(await web.digest(body)).toBe(node.digest(body));
    }),
  );
});

test.each([1, 63, 64, 65, 128])('both sign with a secret of %i bytes as node:crypto does', async (length) => {
  const secret = new Uint8Array(length).fill(7);
  for (const size of [0, 64, 16_384, 16_385]) {
    const body = new Uint8Array(size).fill(9);
    const mac = createHmac('sha256', secret).update(body).digest('hex');
    expect(node.sign(node.importKey(secret), body)).toBe(mac);
    expect(await web.sign(web.importKey(secret), body)).toBe(mac);
  }
});

test('both call two MACs equal only if every character is', () => {
  const digits = fc.constantFrom(...'0123456789abcdef');
  const mac = fc.array(digits, { minLength: 64, maxLength: 64 }).map((list) => list.join(''));
  fc.assert(
    fc.property(mac, fc.nat({ max: 63 }), digits, (left, place, digit) => {
      const right = left.slice(0, place) + digit + left.slice(place + 1);
      for (const { equal } of [node, web]) {
        expect(equal(left, left)).toBe(true);
        expect(equal(left, right)).toBe(left === right);
        expect(equal(right, left)).toBe(left === right);
      }
    }),
  );
});

test.each([[{}], [undefined]])('without Web Crypto (%s) the web build names the missing piece', (crypto) => {
  vi.stubGlobal('crypto', crypto);
  try {
    expect(() => web.importKey(new Uint8Array(1))).toThrow('globalThis.crypto.subtle is missing');
  } finally {
    vi.unstubAllGlobals();
  }
});
