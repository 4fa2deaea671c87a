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

/** @throws TypeError if the view has lost its memory */
function bytesOfView(view: ArrayBufferView): Uint8Array {
  const isTypedArray = slotOf(typedArray.tag, view) !== undefined;
  if (isTypedArray) at.call(view as Uint8Array, 0); // throws without memory, where lengths are 0
  const { buffer, byteOffset, byteLength } = isTypedArray ? typedArray : dataView;
  return fixed(
    new Uint8Array(buffer.call(view) as ArrayBuffer, byteOffset.call(view) as number, byteLength.call(view) as number),
  );
}

/** Copies bytes whose memory is shared or can be resized: Web Crypto takes neither. */
function fixed(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  return slotOf(arrayBuffer.resizable, bytes.buffer) === false ? bytes : copyOf(bytes);
}

const isBuffer = (value: unknown): value is ArrayBuffer => slotOf(arrayBuffer.byteLength, value) !== undefined;

type Getter = (this: unknown) => unknown;

/** The getters of a prototype, which read the internal slots of a value of any realm. Found once: each look-up takes longer. */
function gettersOf<Name extends string>(
  prototype: object,
  names: Readonly<Record<Name, string | symbol>>,
): Readonly<Record<Name, Getter>> {
  const entries = Object.entries<string | symbol>(names).map(([name, key]) => [
    name,
    Object.getOwnPropertyDescriptor(prototype, key)?.get ?? (() => undefined), // an older runtime has no `resizable`
  ]);
  return Object.fromEntries(entries) as Readonly<Record<Name, Getter>>;
}

const view = { buffer: 'buffer', byteOffset: 'byteOffset', byteLength: 'byteLength' } as const;
const typedArray = /* @__PURE__ */ gettersOf(/* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype) as object, {
  ...view,
  tag: Symbol.toStringTag,
});
const dataView = /* @__PURE__ */ gettersOf(DataView.prototype, view);
const arrayBuffer = /* @__PURE__ */ gettersOf(ArrayBuffer.prototype, {
  byteLength: 'byteLength',
  resizable: 'resizable',
});
const { at } = Uint8Array.prototype;

/** The value of an internal slot; `undefined` for a value without the slot. */
function slotOf(getter: Getter, value: unknown): unknown {
  try {
    return getter.call(value);
  } catch {
    return undefined;
  }
}

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
