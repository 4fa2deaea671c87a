const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** How many bits of the last character are not used, by the length modulo 4. No bytes have an encoding of length 1. */
const UNUSED_BITS = [0, undefined, 4, 2] as const;

/**
 * Returns whether a text is the one base64url encoding of its bytes (RFC 7515 section 2): no padding, no white space, no
 * other alphabet, and unused bits of the last character zero (RFC 4648 section 3.5). Decoders accept up to 16 spellings.
 */
export function isBase64url(text: string): boolean {
  const unused = UNUSED_BITS[text.length % 4];
  if (unused === undefined || !/^[\w-]*$/.test(text)) return false;
  return text === '' || ALPHABET.indexOf(text.slice(-1)) % 2 ** unused === 0;
}
