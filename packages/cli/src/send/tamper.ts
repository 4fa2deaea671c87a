/** Returns the body with one digit changed, so that it remains JSON, as a forger would change it after it was signed. */
export function tampered(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const forged = Uint8Array.from(body);
  const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x38;
  const place = forged.findLastIndex(isDigit);
  const at = place === -1 ? forged.length - 1 : place;
  forged[at] = (forged[at] as number) ^ 1;
  return forged;
}
