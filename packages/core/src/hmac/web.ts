import { copyOf, toHex } from '../bytes';
import type { HmacKey, HmacProvider } from './provider';

/**
 * Workers, browsers and any other runtime with Web Crypto. Signs and compares instead of `subtle.verify`, which was not
 * constant-time in Node before 20.20.2, 22.22.2 and 24.14.1 (CVE-2026-21713).
 */
export const hmac: HmacProvider = {
  isAsync: true,
  importKey(secret) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = subtle().importKey('raw', secret as BufferSource, algorithm, false, ['sign']);
    key.catch(() => {}); // `sign` reports it; here it only must not count as unhandled
    return key as unknown as HmacKey;
  },
  async sign(key, body) {
    const bytes = copyOf(body); // before the first `await`: the caller's bytes may change
    return toHex(await subtle().sign('HMAC', await (key as unknown as Promise<CryptoKey>), bytes as BufferSource));
  },
  digest: async (body) => toHex(await subtle().digest('SHA-256', body as BufferSource)),
  equal(a, b) {
    let difference = a.length ^ b.length;
    for (let i = 0; i < 64; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
    return difference === 0;
  },
};

function subtle(): SubtleCrypto {
  const found = globalThis.crypto?.subtle;
  if (!found) {
    throw new Error(
      'This runtime has no Web Crypto (globalThis.crypto.subtle is missing): use Node 20 or later, Bun, Deno, a Workers runtime, or a page served over HTTPS.',
    );
  }
  return found;
}
