/** Options for URLs that are requested over the network. */
export interface InsecureOption {
  /** Accept plain http beyond this machine, if something else encrypts the connection, such as a service mesh. */
  readonly allowHttp?: boolean | undefined;
}

/**
 * Returns a URL with TLS, or on this machine.
 * @throws TypeError for any other URL
 */
export function secureUrl(what: string, value: string | URL, { allowHttp = false }: InsecureOption): URL {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new TypeError(`${what} must be an absolute URL.`);
  }
  // The URL is not quoted: it may contain a password.
  if (url.username || url.password) {
    throw new TypeError(`${what} must be a URL without a user name or password, which fetch refuses.`);
  }
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && (allowHttp || isLoopback(url.hostname))) return url;
  throw new TypeError(
    `${what} must be an https URL: without TLS, others on the network can read and replace the data. If something else encrypts the connection, set allowHttp: true.`,
  );
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
