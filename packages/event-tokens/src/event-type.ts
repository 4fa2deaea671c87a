const PREFIX = 'https://blue.cc/webhooks/events/';

/** The URI that stands for an event type of Blue's in a token (RFC 8417 section 2.2): a stable name, not a page. */
export function eventTypeUri(name: string): string {
  return PREFIX + encodeURIComponent(name);
}

/** The event's name behind a URI; `undefined` for another vocabulary's. */
export function eventNameOf(uri: string): string | undefined {
  if (!uri.startsWith(PREFIX)) return undefined;
  try {
    return decodeURIComponent(uri.slice(PREFIX.length)) || undefined;
  } catch {
    return undefined;
  }
}
