declare const prepared: unique symbol;

/** A secret made ready for signing, opaque outside the provider that made it. */
export interface HmacKey {
  readonly [prepared]: true;
}

/** What each runtime supplies, under the import `#hmac`; `node.ts` and `web.ts` give the same verdicts. */
export interface HmacProvider {
  /** Whether `sign` and `digest` return promises. */
  readonly isAsync: boolean;
  /** Prepares a secret of at least one byte, once for all its deliveries. */
  importKey(secret: Uint8Array): HmacKey;
  /**
   * HMAC-SHA256 (RFC 2104, FIPS 180-4) as 64 lowercase hex characters; a promise only where the runtime has no other way. The
   * body is read before it returns, so that bytes that change afterwards do not count.
   */
  sign(key: HmacKey, body: Uint8Array): string | Promise<string>;
  /** SHA-256 as 64 lowercase hex characters. */
  digest(body: Uint8Array): string | Promise<string>;
  /** Compares two strings of 64 hex characters in a time that does not depend on where they differ. */
  equal(left: string, right: string): boolean;
}
