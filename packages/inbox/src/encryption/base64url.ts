/** As many arguments as every runtime takes. */
const CHUNK = 8_192;

/** Returns bytes as base64url without padding (RFC 4648, section 5). Not with `Buffer`, which Workers may not have. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(from, from + CHUNK));
  }
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Returns the bytes of base64url text without padding; `undefined` for anything else. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const decoded = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(decoded.length);
  for (let place = 0; place < decoded.length; place++) bytes[place] = decoded.charCodeAt(place);
  return bytes;
}
