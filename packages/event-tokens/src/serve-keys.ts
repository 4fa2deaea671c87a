import type { Delivery, FetchRequest } from '@blue-webhooks/core';
import type { EventTokenIssuer } from './issuer';

/** The part of a request in Express, Connect and plain `node:http` that is used. */
export interface NodeRequest {
  readonly method?: string | undefined;
}

/** The part of a response there that is used. */
export interface NodeResponse {
  /** Begins the response. */
  writeHead(
    status: number,
    headers: Record<string, string>,
  ): {
    /** Ends it, with its body. */
    end(body?: string): unknown;
  };
}

/** The part of a Fetch request that is used. */
type KeysRequest = Pick<FetchRequest, 'method'>;

/** The part of Hono's context that is used. */
export interface HonoContext {
  readonly req: { readonly raw: KeysRequest };
}

/** Serves an issuer's public keys; mount it at `/.well-known/jwks.json`. Its functions need no `this`. */
export interface KeysEndpoint {
  /** Handles a Fetch request: Workers, Bun, Deno, Next.js. */
  readonly fetch: (request: KeysRequest) => Promise<Response>;
  /** For Hono: `app.get('/.well-known/jwks.json', keys.hono)`. */
  readonly hono: (context: HonoContext) => Promise<Response>;
  /** For Express, Connect and `node:http`: `app.get('/.well-known/jwks.json', keys.node)`. */
  readonly node: (request: NodeRequest, response: NodeResponse, next?: (error: unknown) => void) => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

/** The same time for which jose caches a set in a recipient. */
const MAX_AGE_SECONDS = 600;

/** Serves an issuer's public keys, which recipients and proxies can cache for ten minutes. */
export function serveKeys<D extends Delivery>(issuer: EventTokenIssuer<D>): KeysEndpoint {
  async function answer(method: string | undefined): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' }, body: null };
    const set = JSON.stringify(await issuer.jwks());
    const headers = {
      'content-type': 'application/jwk-set+json', // RFC 7517 section 8.5.2
      'cache-control': `public, max-age=${MAX_AGE_SECONDS}`,
    };
    return { status: 200, headers, body: method === 'GET' ? set : null };
  }

  async function respond({ method }: KeysRequest): Promise<Response> {
    const { status, headers, body } = await answer(method);
    return new Response(body, { status, headers });
  }

  return {
    fetch: respond,
    hono: (context) => respond(context.req.raw),
    async node(request, response, next) {
      try {
        const { status, headers, body } = await answer(request.method);
        response.writeHead(status, headers).end(body ?? undefined);
      } catch (error) {
        if (!next) throw error;
        next(error);
      }
    },
  };
}
