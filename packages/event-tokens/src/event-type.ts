const PREFIX = 'https://blue.cc/webhooks/events/';

/** Returns the URI of a Blue event type in a token (RFC 8417 section 2.2): a stable name, not a page. */
export function eventTypeUri(name: string): string {
  return PREFIX + encodeURIComponent(name);
}

/** Returns the event's name for a URI; `undefined` for another vocabulary. */
export function eventNameOf(uri: string): string | undefined {
  if (!uri.startsWith(PREFIX)) return undefined;
  try {
    return decodeURIComponent(uri.slice(PREFIX.length)) || undefined;
  } catch {
    return undefined;
  }
}
