import { type Delivery, type DeliveryHandler, WebhookError } from '@blue-webhooks/core';
import {
  createDeliveryVerifier,
  type DeliveryVerifierOptions,
  type FetchHandler,
  requireFetchHandler,
  toResponse,
} from '@blue-webhooks/core/adapter';
import type { Context, Handler, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { toRawDelivery } from './raw-delivery';

declare module 'hono' {
  interface ContextVariableMap {
    /** The verified delivery, set by `verifyBlueWebhook`. */
    blue: Delivery;
  }
}

/**
 * Creates a handler that responds to each request with the receiver's response.
 *
 * @example
 * app.post('/webhooks/blue', blueWebhook(createReceiver({ secret }).on('TODO_CREATED', sync)));
 */
export function blueWebhook(handler: DeliveryHandler): Handler {
  return async (c) => toResponse(await handler.handle(toRawDelivery(c)));
}

/**
 * Creates a middleware that verifies the delivery, sets `c.var.blue` and calls your own handler, which responds;
 * `c.req.json()` still works there. A delivery that is not genuine is thrown as an `HTTPException` that carries the response,
 * with the `WebhookError` as its `cause`.
 * @throws TypeError if a secret is missing, empty or blank, a limit is not a positive integer, or an option is given that
 * only a receiver uses, such as `ledger`
 */
export function verifyBlueWebhook(options: DeliveryVerifierOptions): MiddlewareHandler {
  const verify = createDeliveryVerifier(options);
  return async (c, next) => {
    let delivery: Delivery;
    try {
      delivery = await verify(toRawDelivery(c));
    } catch (error) {
      if (!WebhookError.is(error)) throw error;
      const res = toResponse(error);
      // The cause has the details: an error handler that responds with the message reveals none.
      const message = 'The delivery was not accepted; see `cause`.';
      throw new HTTPException(res.status as HTTPException['status'], { message, cause: error, res });
    }
    c.set('blue', delivery);
    keepBody(c, delivery.rawBody);
    await next();
  };
}

/**
 * Creates a handler that serves the dashboard of an inbox. It passes Hono's context on to `authorize`, after the request.
 *
 * @example
 * app.all('/ops/blue', blueDashboard(inboxDashboard(inbox, { authorize, hosts: ['ops.example.com'] })));
 * @throws TypeError if it is not a dashboard
 */
export function blueDashboard(dashboard: FetchHandler<[c: Context]>): Handler {
  requireFetchHandler(dashboard);
  return (c) => dashboard.fetch(c.req.raw, c);
}

/** Keeps a body that was read from the stream for `c.req.json()` and for a second middleware. */
function keepBody({ req }: Context, rawBody: string): void {
  const cache: { text?: unknown } = req.bodyCache; // holds promises, unlike its declaration
  cache.text ??= Promise.resolve(rawBody);
}
