import { type Clock, systemClock } from './clock';
import type { Fetch } from './transport';

/** The token, the organisation, and the limits of a client. */
export interface BlueClientOptions {
  /** The id of a personal access token. Every tool of a process that uses the same one shares one budget of requests. */
  readonly tokenId: string | undefined;
  /** The secret of the token, which begins with `pat_`. It has the rights of the user who created it. */
  readonly tokenSecret: string | undefined;
  /** The organisation's id or slug. */
  readonly organizationId: string | undefined;
  /** Defaults to `https://api.blue.app/graphql`. */
  readonly endpoint?: string | URL | undefined;
  /** How many requests are sent in any 60 seconds. Defaults to 20, what the smallest plan allows. */
  readonly requestsPerMinute?: number | undefined;
  /** The timeout of a request, in milliseconds. Defaults to 30,000: enabling a webhook takes up to 7,000. */
  readonly timeoutMs?: number | undefined;
  /** The maximum number of retries of a request, if retrying is safe. Defaults to 8. */
  readonly maxRetries?: number | undefined;
  /** Defaults to the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Defaults to the system's clock. */
  readonly clock?: Clock | undefined;
}

/** The options, checked and complete. */
export interface ClientSettings {
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly organizationId: string;
  readonly endpoint: string;
  readonly requestsPerMinute: number;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** @throws TypeError if an option is invalid; no token is part of the message */
export function clientSettingsOf(options: BlueClientOptions): ClientSettings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createBlueClient needs options: createBlueClient({ tokenId, tokenSecret, organizationId }).');
  }
  const { requestsPerMinute = 20, timeoutMs = 30_000, maxRetries = 8, clock = systemClock } = options;
  if (options.fetch !== undefined && typeof options.fetch !== 'function') {
    throw new TypeError(`\`fetch\` must be a function, got a ${typeof options.fetch}.`);
  }
  return {
    tokenId: headerValue('tokenId', options.tokenId),
    tokenSecret: headerValue('tokenSecret', options.tokenSecret),
    organizationId: headerValue('organizationId', options.organizationId),
    endpoint: endpointOf(options.endpoint ?? 'https://api.blue.app/graphql'),
    requestsPerMinute: positive('requestsPerMinute', requestsPerMinute),
    timeoutMs: positive('timeoutMs', timeoutMs),
    maxRetries: maxRetries === 0 ? 0 : positive('maxRetries', maxRetries),
    // Read at each request, so that a test can replace the global `fetch`.
    fetch: options.fetch ?? ((request) => fetch(request)),
    clock,
  };
}

/** Checked here, because `Headers` puts an invalid value into its error. */
function headerValue(name: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw new TypeError(
      `\`${name}\` must be a string, got ${value === null || value === undefined ? String(value) : `a ${typeof value}`}. Set it from the environment.`,
    );
  }
  if (value.trim() === '') throw new TypeError(`\`${name}\` must not be empty.`);
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new TypeError(`\`${name}\` contains whitespace or characters that no header can carry: copy it again.`);
}

function endpointOf(endpoint: string | URL): string {
  const url = URL.canParse(String(endpoint)) ? new URL(endpoint) : undefined;
  const local = url && /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (!url || url.username || url.password || !(url.protocol === 'https:' || (local && url.protocol === 'http:'))) {
    throw new TypeError('`endpoint` must be an https URL without user name and password; http only on this machine.');
  }
  return url.href;
}

function positive(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new TypeError(
    `\`${name}\` must be a positive integer, got ${typeof value === 'number' ? value : `a ${typeof value}`}.`,
  );
}
