/** The body with a character changed, as a forger would change it after it was signed: a digit, so that JSON stays JSON. */
export function tampered(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const forged = Uint8Array.from(body);
  const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x38;
  const place = forged.findLastIndex(isDigit);
  const at = place === -1 ? forged.length - 1 : place;
  forged[at] = (forged[at] as number) ^ 1;
  return forged;
}
