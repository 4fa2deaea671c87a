import { kindOf } from '@blue-webhooks/core/adapter';
import { type GuardRules, isAddress } from '../page/guard';
import { isLoopback } from '../page/loopback';

/**
 * Returns the rules of a dashboard that is served under these hosts: an IP address, which cannot be rebound, and this machine are
 * accepted as well.
 * @throws TypeError for a value that is not a list of hosts
 */
export function rulesOf(hosts: readonly string[] = []): GuardRules {
  if (!Array.isArray(hosts)) throw new TypeError(`hosts must be an array, got ${kindOf(hosts)}: ['ops.example.com'].`);
  const own = new Set(Array.from(hosts, requireHost));
  return {
    isOwnHost: (hostname, host) => own.has(host) || isLoopback(hostname) || isAddress(hostname),
    // The scheme is not known behind a proxy that terminates TLS.
    originsOf: (host) => [host, ...own].flatMap((name) => [`http://${name}`, `https://${name}`]),
    hint: "Pass it to inboxDashboard, as hosts: ['ops.example.com'], with the port if a browser shows one.",
  };
}

function requireHost(host: unknown): string {
  if (typeof host === 'string') {
    const parsed = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
    if (parsed?.host === host.toLowerCase()) return parsed.host;
  }
  const got = typeof host === 'string' ? 'another string' : kindOf(host);
  throw new TypeError(`hosts must contain hosts such as 'ops.example.com' or 'localhost:8080', got ${got}.`);
}
