import { hmac } from '#hmac';
import { bytesOf, kindOf } from './bytes';
import { proceed } from './proceed';
import type { Candidate } from './secrets';

/** A delivery's body as it travelled: bytes, or text that is hashed as UTF-8. Never a parsed object. */
export type Body = Uint8Array | ArrayBuffer | string;

/** The value of the `X-Signature` header, in whichever form the platform hands it over. */
export type SignatureHeader = string | readonly string[] | null | undefined;

/**
 * Returns the secret that signed these bytes. All are tried, whichever matches, so that the time does not show which. A promise
 * only where the runtime's crypto has nothing else.
 */
export function findSigner(
  candidates: readonly Candidate[],
  body: Uint8Array,
  signature: string,
): Candidate | undefined | Promise<Candidate | undefined> {
  const signerOf = (macs: readonly string[]) =>
    candidates.filter((_, place) => hmac.equal(macs[place] as string, signature))[0];
  const macs = candidates.map(({ key }) => hmac.sign(key, body));
  return proceed(hmac.isAsync ? Promise.all(macs) : (macs as string[]), signerOf);
}

/**
 * The bytes of a body.
 * @throws TypeError for a parsed object, with the cure: its original bytes are gone
 */
export function rawBytes(body: unknown): Uint8Array {
  const bytes = bytesOf(body);
  if (bytes) return bytes;
  throw new TypeError(
    `body is ${kindOf(body)}: pass the raw body as it arrived, in bytes or as text. Blue signs those bytes; JSON.stringify of a parsed body gives others.`,
  );
}

/** A header's value if it came exactly once; an empty string, which no signature equals, if it came twice. */
export function onlyValue(header: SignatureHeader): string | undefined {
  if (typeof header === 'string') return header;
  if (header === null || header === undefined || header.length === 0) return undefined;
  return header.length === 1 ? header[0] : '';
}
