import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { HmacKey, HmacProvider } from './provider';

const left = Buffer.alloc(64);
const right = Buffer.alloc(64);

/** Node, Bun and Deno: synchronous, and many times faster than `subtle` for bodies of a webhook's size. */
export const hmac: HmacProvider = {
  importKey: (secret) => createSecretKey(secret) as KeyObject & HmacKey,
  sign: (key, body) =>
    createHmac('sha256', key as KeyObject & HmacKey)
      .update(body)
      .digest('hex'),
  digest: (body) => createHash('sha256').update(body).digest('hex'),
  equal(a, b) {
    left.write(a, 'latin1');
    right.write(b, 'latin1');
    return timingSafeEqual(left, right);
  },
};
