/**
 * Returns the URL to deliver to.
 * @throws TypeError if it is malformed, not HTTP, contains credentials, or is not on this machine without `allowRemote`
 */
export function targetOf(url: string | URL, allowRemote: boolean): URL {
  const target = parse(url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new TypeError('url must begin with http:// or https://.');
  }
  if (target.username || target.password) {
    throw new TypeError('url must not contain a user name or a password: fetch refuses such a URL.');
  }
  if (!allowRemote && !isLoopback(target.hostname)) {
    throw new TypeError(
      `url is on ${target.hostname}, but the simulator sends only to this machine: use http://localhost, or set allowRemote: true if the receiver there is yours.`,
    );
  }
  return target;
}

function parse(url: string | URL): URL {
  try {
    return new URL(url);
  } catch {
    throw new TypeError('url must be an absolute URL, such as http://localhost:3000/webhooks/blue.');
  }
}

/** The names and addresses of this machine (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
function isLoopback(host: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host);
}
