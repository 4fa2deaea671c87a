/** Options of whatever is reached over the network. */
export interface InsecureOption {
  /** Accept plain http beyond this machine, where something else, a mesh for one, encrypts. */
  readonly allowHttp?: boolean | undefined;
}

/**
 * A URL that is reached over TLS, or stays on this machine.
 * @throws TypeError for any other
 */
export function secureUrl(what: string, value: string | URL, { allowHttp = false }: InsecureOption): URL {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new TypeError(`${what} must be an absolute URL.`);
  }
  // The URL is not quoted: it may hold a password.
  if (url.username || url.password) {
    throw new TypeError(`${what} must be a URL without a user name or password, which fetch refuses.`);
  }
  if (url.protocol === 'https:') return url;
  if (url.protocol === 'http:' && (allowHttp || isLoopback(url.hostname))) return url;
  throw new TypeError(
    `${what} must be an https URL, or whoever is on the way can read or replace what travels. If something else encrypts: allowHttp: true.`,
  );
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
