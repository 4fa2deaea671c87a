import type { Secrets } from './secrets';

/** What a secret function gets to choose by. */
export interface SecretQuery {
  /**
   * `webhook.id` as the body claims it: read before verification, so only a hint. Absent when the body has none of at most 255
   * characters in its first 64 KiB. A delivery is refused when the verified body names another webhook than the hint did.
   */
  readonly webhookId: string | undefined;
  /** The platform's own request: an Express, Hono or Fetch request, a Lambda event. */
  readonly request: unknown;
}

/** Finds the secrets of one webhook among many; returns `undefined` for an unknown webhook. */
export type SecretLookup = (query: SecretQuery) => Secrets | undefined | Promise<Secrets | undefined>;

const HINT_BYTES = 65_536;
const MAX_ID_LENGTH = 255;
/** An id of that length, each character spelled as `\uXXXX`, and its quotation marks. */
const MAX_ID_BYTES = 6 * MAX_ID_LENGTH + 2;

// The bytes that structure JSON (RFC 8259 section 2), none of which occurs inside a character of UTF-8.
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const decoder = /* @__PURE__ */ new TextDecoder();
const WEBHOOK = /* @__PURE__ */ new TextEncoder().encode('"webhook"');
const ID = /* @__PURE__ */ new TextEncoder().encode('"id"');

/**
 * Returns the top-level `webhook.id` of a body that is not verified yet, within its first 64 KiB. Looks at each byte once,
 * builds no object, and keeps nothing for a level of nesting. The first occurrence wins; a key that is spelled with
 * escapes is not recognised, since Blue writes none.
 */
export function webhookIdHint(body: Uint8Array): string | undefined {
  const end = Math.min(body.length, HINT_BYTES);
  let depth = 0;
  let inWebhook = false;
  /** Whether the next token is a value, and which key it belongs to. */
  let afterColon = false;
  let key: 'webhook' | 'id' | undefined;
  for (let at = 0; at < end; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      const start = at;
      at = endOfString(body, start, end);
      if (at === end) return undefined;
      if (afterColon) {
        if (depth === 2 && inWebhook && key === 'id') return textOf(body, start, at + 1);
      } else if (depth === 1) key = isToken(body, start, WEBHOOK) ? 'webhook' : undefined;
      else key = isToken(body, start, ID) ? 'id' : undefined;
    } else if (byte === COLON) {
      afterColon = true;
    } else if (byte === COMMA) {
      afterColon = false;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
      if (depth === 2) inWebhook = key === 'webhook';
      afterColon = false;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 1 && inWebhook) return undefined;
    }
  }
  return undefined;
}

/** Where a string ends: at its closing quotation mark, or at `end` if it has none. */
function endOfString(body: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    const byte = body[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return end;
}

/** Whether a token that is known to be a string is this one, given with its quotation marks. */
function isToken(body: Uint8Array, start: number, token: Uint8Array): boolean {
  return token.every((byte, place) => body[start + place] === byte);
}

/** What a string of JSON says; `undefined` for an invalid or a long one. */
function textOf(body: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > MAX_ID_BYTES) return undefined;
  try {
    const text = JSON.parse(decoder.decode(body.subarray(start, end))) as string;
    return text.length > MAX_ID_LENGTH ? undefined : text;
  } catch {
    return undefined;
  }
}
