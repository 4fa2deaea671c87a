import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../loopback';

/**
 * Lets in only who asks for this page by its own name, and comes from no other: a site that the browser also has open can
 * neither read deliveries, by pointing a name of its own here (DNS rebinding), nor have one replayed (CSRF).
 */
export function guard(host: string): MiddlewareHandler {
  const isOwn = isLoopback(host) ? isLoopback : (name: string) => isLoopback(name) || name === host || isAddress(name);
  return async (c, next) => {
    const asked = c.req.header('host') ?? '';
    const name = URL.canParse(`http://${asked}`) ? new URL(`http://${asked}`).hostname : '';
    if (!isOwn(name)) return c.text('This page is served under its own address only.', 403);
    const origin = c.req.header('origin');
    const foreign = origin === undefined ? c.req.method !== 'GET' : origin !== `http://${asked}`;
    const site = c.req.header('sec-fetch-site') ?? 'same-origin';
    if (foreign || (c.req.method !== 'GET' && site !== 'same-origin')) {
      return c.text('This comes from another page.', 403);
    }
    await next();
    return;
  };
}

/** An address can be no name that was pointed here. */
const isAddress = (name: string) => /^\d+(?:\.\d+){3}$/.test(name) || name.startsWith('[');
