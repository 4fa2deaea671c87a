import { type GuardRules, isAddress, isLoopback, refusalOf } from '@blue-webhooks/inbox/page';
import type { MiddlewareHandler } from 'hono';

/** Refuses requests for another host than the page's own, and from another origin. */
export function guard(host: string): MiddlewareHandler {
  const rules: GuardRules = {
    isOwnHost: isLoopback(host) ? isLoopback : (name) => isLoopback(name) || name === host || isAddress(name),
    originsOf: (asked) => [`http://${asked}`],
  };
  return async (c, next) => {
    const refusal = refusalOf(c.req.raw, rules);
    if (refusal !== undefined) return c.text(refusal, 403);
    await next();
    return;
  };
}
