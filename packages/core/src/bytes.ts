// Marked as pure, so that a bundler leaves out what is not used.
const encoder = /* @__PURE__ */ new TextEncoder();
// `ignoreBOM` keeps a byte order mark in the text, so that the text stands for exactly the bytes that were signed.
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const hex = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Returns the bytes of a value; `undefined` if it has none, or has lost them: its buffer was detached, or shrunk under the
 * view. Strings are encoded as UTF-8. Views and buffers of every realm are recognised by their internal slots, since
 * `instanceof` fails across realms, and a tag or a property can be set on anything. Copies only memory that another thread
 * can write to, or that can shrink.
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return encoder.encode(value);
  try {
    if (ArrayBuffer.isView(value)) return bytesOfView(value);
    return isBuffer(value) ? fixed(new Uint8Array(value)) : undefined;
  } catch {
    return undefined; // detached or shrunk
  }
}

/** What reads an internal slot. Looked up once, because each look-up takes longer than the call. */
type Getter = (this: unknown) => unknown;

const getter = (prototype: object, name: string | symbol) =>
  Object.getOwnPropertyDescriptor(prototype, name)?.get as Getter;
const viewGetters = (prototype: object) =>
  ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(prototype, name));

const typedArray = /* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype) as object;
const ofTypedArray = /* @__PURE__ */ viewGetters(typedArray);
const ofDataView = /* @__PURE__ */ viewGetters(DataView.prototype);
const tag = /* @__PURE__ */ getter(typedArray, Symbol.toStringTag);
const resizable = /* @__PURE__ */ getter(ArrayBuffer.prototype, 'resizable');

/** @throws TypeError if the view has lost its memory */
function bytesOfView(view: ArrayBufferView): Uint8Array {
  const isTypedArray = tag.call(view);
  if (isTypedArray) Uint8Array.prototype.at.call(view as Uint8Array, 0); // throws without memory, where lengths are 0
  const slots = (isTypedArray ? ofTypedArray : ofDataView).map((read) => read.call(view));
  return fixed(new Uint8Array(...(slots as [ArrayBuffer, number, number])));
}

/** Copies bytes whose memory is shared or can be resized: Web Crypto takes neither. */
function fixed(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  return isResizable(bytes.buffer) === false ? bytes : copyOf(bytes);
}

/** Whether an ArrayBuffer can be resized; `undefined` for any other value, such as shared memory. */
function isResizable(value: unknown): unknown {
  try {
    return resizable.call(value);
  } catch {
    return undefined;
  }
}

const isBuffer = (value: unknown): value is ArrayBuffer => isResizable(value) !== undefined;

/** Returns a copy that nobody else can change. `slice` would not do: that of a `Buffer` shares its memory. */
export const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

/** Returns the text of strictly valid UTF-8 (RFC 3629 section 3), `undefined` for anything else. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Returns lowercase hex, two characters per byte. */
export function toHex(buffer: ArrayBuffer): string {
  let text = '';
  for (const byte of new Uint8Array(buffer)) text += hex[byte];
  return text;
}

/** Whether this is what Blue sends as a signature: exactly 64 lowercase hex characters. */
export function isSignature(value: unknown): value is string {
  return typeof value === 'string' && value.length === 64 && /^[0-9a-f]{64}$/.test(value);
}

/** Names the kind of a value for an error message, never its content. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const isBytes = ArrayBuffer.isView(value) || isBuffer(value);
  return isBytes && !bytesOf(value) ? 'a detached buffer or a shrunk view' : 'an object';
}
