// Marked as pure, so that a bundler leaves out what is not used.
const encoder = /* @__PURE__ */ new TextEncoder();
// `ignoreBOM` keeps a byte order mark in the text, so that the text stands for exactly the bytes that were signed.
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const hex = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The bytes behind a value, without a copy: views keep their offset and length, strings are encoded as UTF-8. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return encoder.encode(value);
  // Recognised by `isView` and by tags, since `instanceof` fails for bytes of another realm (Jest, `node:vm`).
  if (ArrayBuffer.isView(value)) {
    if (isDetached(value)) return undefined;
    if (tagOf(value.buffer) === '[object SharedArrayBuffer]') return copyOf(value); // another thread may write to it
    return value instanceof Uint8Array ? value : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (tagOf(value) !== '[object ArrayBuffer]') return undefined;
  try {
    return new Uint8Array(value as ArrayBuffer);
  } catch {
    return undefined; // detached
  }
}

/** Whether a view has lost its buffer, which was transferred to another thread: it then looks empty. */
export function isDetached({ buffer, byteLength }: ArrayBufferView): boolean {
  if (byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** A copy that nobody else can change. */
export function copyOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

/** The text of strictly valid UTF-8 (RFC 3629 section 3), `undefined` for anything else. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Lowercase hex, two characters a byte. */
export function toHex(buffer: ArrayBuffer): string {
  let text = '';
  for (const byte of new Uint8Array(buffer)) text += hex[byte];
  return text;
}

/** Whether this is what Blue sends as a signature: exactly 64 lowercase hex characters. */
export function isSignature(value: unknown): value is string {
  return typeof value === 'string' && value.length === 64 && /^[0-9a-f]{64}$/.test(value);
}

/** Names a value's kind for an error message, never its content. */
export function describe(value: unknown): string {
  if (isDetachedBytes(value)) return 'a detached buffer';
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isDetachedBytes(value: unknown): boolean {
  return (ArrayBuffer.isView(value) || tagOf(value) === '[object ArrayBuffer]') && bytesOf(value) === undefined;
}
