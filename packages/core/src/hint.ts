import type { Secrets } from './secrets';

/** What a secret function gets to choose by. */
export interface SecretQuery {
  /**
   * `webhook.id` as the body claims it: read before verification, so only a hint. Absent when the body has none near its
   * start. A delivery is refused when the body that was verified names another webhook than the hint did.
   */
  readonly webhookId: string | undefined;
  /** The platform's own request: an Express, Hono or Fetch request, a Lambda event. */
  readonly request: unknown;
}

/** Finds the secrets of one webhook among many; `undefined` when it is not known. */
export type SecretLookup = (query: SecretQuery) => Secrets | undefined | Promise<Secrets | undefined>;

const HINT_BYTES = 65_536;
const MAX_ID_LENGTH = 256;
const decoder = /* @__PURE__ */ new TextDecoder();

/**
 * The top-level `webhook.id` of a body that is not verified yet, within its first 64 KiB. Scans tokens instead of
 * parsing: no object is built, nesting costs nothing, and the first occurrence wins.
 */
export function webhookIdHint(body: Uint8Array): string | undefined {
  const text = decoder.decode(body.subarray(0, HINT_BYTES));
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;
  let depth = 0;
  let inWebhook = false;
  let previous = '';
  let key = '';
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const token = match[0];
    if (token === ':') {
      key = previous;
    } else if (token === '{' || token === '[') {
      depth += 1;
      if (depth === 2) inWebhook = token === '{' && previous === ':' && key === '"webhook"';
    } else if (token === '}' || token === ']') {
      depth -= 1;
      if (depth === 1 && inWebhook) return undefined;
    } else if (depth === 2 && inWebhook && previous === ':' && key === '"id"') {
      return unquote(token);
    }
    previous = token;
  }
  return undefined;
}

function unquote(token: string): string | undefined {
  if (token.length > MAX_ID_LENGTH) return undefined;
  try {
    return JSON.parse(token) as string;
  } catch {
    return undefined;
  }
}
