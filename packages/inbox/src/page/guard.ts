/** Under which host a page is served, and which origins may call it. */
export interface GuardRules {
  /** Returns whether the page is served under a host: the name alone, and with its port. */
  readonly isOwnHost: (hostname: string, host: string) => boolean;
  /** Returns the origins whose pages may call it, for a request to this host. */
  readonly originsOf: (host: string) => readonly string[];
  /** What to do about an unknown host. */
  readonly hint?: string | undefined;
}

/** The parts of a Fetch `Request` that are read. */
export interface GuardedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/**
 * Returns why a request is refused: only those for the page's own host and from its own origin are accepted, so that another
 * site in the same browser can neither read deliveries by resolving its name to this address (DNS rebinding) nor change
 * anything (CSRF). `X-Forwarded-Host` does not count: a page of a rebound name can set it.
 */
export function refusalOf(
  { method, url, headers }: GuardedRequest,
  { isOwnHost, originsOf, hint }: GuardRules,
): string | undefined {
  const asked = headers.get('host') ?? new URL(url).host;
  const isHost = /^[^/?#@\\\s]+$/.test(asked) && URL.canParse(`http://${asked}`);
  const parsed = isHost ? new URL(`http://${asked}`) : undefined;
  const host = parsed?.host.replace(/:443$/, '') ?? '';
  if (!parsed || !isOwnHost(parsed.hostname, host)) {
    return `Forbidden: unknown host.${hint ? ` ${hint}` : ''}`;
  }
  const isRead = method === 'GET' || method === 'HEAD';
  const origin = headers.get('origin');
  const isForeign = origin === null ? !isRead : !originsOf(host).includes(origin);
  const site = headers.get('sec-fetch-site') ?? 'same-origin';
  return isForeign || (!isRead && site !== 'same-origin') ? 'Forbidden: cross-origin request.' : undefined;
}

/** Returns whether a host is an IP address, which cannot be rebound. */
export const isAddress = (hostname: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname) || hostname.startsWith('[');
