import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../loopback';

/**
 * Accepts only requests for this page's own host and from its own origin: another site in the same browser can neither read
 * deliveries by resolving its name to this address (DNS rebinding) nor replay one (CSRF).
 */
export function guard(host: string): MiddlewareHandler {
  const isOwn = isLoopback(host) ? isLoopback : (name: string) => isLoopback(name) || name === host || isAddress(name);
  return async (c, next) => {
    const asked = c.req.header('host') ?? '';
    const name = URL.canParse(`http://${asked}`) ? new URL(`http://${asked}`).hostname : '';
    if (!isOwn(name)) return c.text('Forbidden: unknown host.', 403);
    const origin = c.req.header('origin');
    const foreign = origin === undefined ? c.req.method !== 'GET' : origin !== `http://${asked}`;
    const site = c.req.header('sec-fetch-site') ?? 'same-origin';
    if (foreign || (c.req.method !== 'GET' && site !== 'same-origin')) {
      return c.text('Forbidden: cross-origin request.', 403);
    }
    await next();
    return;
  };
}

/** An IP address cannot be rebound. */
const isAddress = (name: string) => /^\d+(?:\.\d+){3}$/.test(name) || name.startsWith('[');
