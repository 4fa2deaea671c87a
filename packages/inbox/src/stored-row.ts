import type { FullInboxDelivery } from './delivery';

type Read = Pick<FullInboxDelivery, 'rawBody' | 'handled' | 'malformed'>;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads the columns of a row that can be unreadable after an edit by hand. One such row must not hold up the others, nor be handled
 * as if its handlers had not succeeded.
 */
export function readRow(body: Uint8Array | ArrayBuffer | null, handled: string | null | undefined): Read {
  const rawBody = body === null ? '' : decoder.decode(body);
  const names = namesIn(handled);
  if (body === null) return { rawBody, handled: names ?? [], malformed: 'its body is missing' };
  return names
    ? { rawBody, handled: names }
    : { rawBody, handled: [], malformed: 'its list of handlers is not readable' };
}

/** Returns `undefined` unless it is a JSON array of strings, or absent. */
function namesIn(json: string | null | undefined): readonly string[] | undefined {
  if (json === null || json === undefined) return [];
  try {
    const names: unknown = JSON.parse(json);
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}
