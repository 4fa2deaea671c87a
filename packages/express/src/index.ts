import type { Delivery, DeliveryHandler, Outcome } from '@blue-webhooks/core';
import {
  createDeliveryVerifier,
  type DeliveryVerifierOptions,
  type FetchHandler,
  type Host,
  requireFetchHandler,
} from '@blue-webhooks/core/adapter';
import { sendResponse, toRequest } from './fetch';
import type { NodeRequest, NodeResponse } from './node-request';
import { toRawDelivery } from './raw-delivery';

export type { NodeRequest, NodeResponse } from './node-request';

declare global {
  namespace Express {
    interface Request {
      /** The verified delivery, set by `verifyBlueWebhook`. */
      blue?: Delivery | undefined;
    }
  }
}

/** Continues with the next middleware, or with the error handler. */
export type Next = (error?: Error) => void;

/** A middleware of Express, Connect, h3 or plain `node:http`. */
export type NodeMiddleware = (req: NodeRequest, res: NodeResponse, next: Next) => Promise<void>;

/** Options of `blueWebhook`. */
export interface BlueWebhookOptions {
  /** The host whose cure the error for a consumed body names. Defaults to `'express'` where Express set `req.app`. */
  readonly host?: Host | undefined;
}

/**
 * Creates a middleware that ends each request with the receiver's response. Mount it before any body parser, or keep the raw
 * bytes with `keepRawBody`.
 *
 * @example
 * app.post('/webhooks/blue', blueWebhook(createReceiver({ secret }).on('TODO_CREATED', sync)));
 */
export function blueWebhook(handler: DeliveryHandler, { host }: BlueWebhookOptions = {}): NodeMiddleware {
  return async (req, res, next) => {
    try {
      answer(res, await handler.handle(toRawDelivery(req, host)));
    } catch (error) {
      next(asError(error));
    }
  };
}

/**
 * Creates a middleware that verifies the delivery, sets `req.blue` and calls your own handler, which responds. A delivery
 * that is not genuine goes to the error handler as a `WebhookError` with the `status` to respond with.
 * @throws TypeError if a secret is missing, empty or blank, a limit is not a positive integer, or an option is given that
 * only a receiver uses, such as `ledger`
 */
export function verifyBlueWebhook(options: DeliveryVerifierOptions): NodeMiddleware {
  const verify = createDeliveryVerifier(options);
  return async (req, _res, next) => {
    try {
      req.blue = await verify(toRawDelivery(req));
    } catch (error) {
      return next(asError(error));
    }
    next();
  };
}

/**
 * Creates a middleware that serves the dashboard of an inbox. It passes Express's `req` and `res` on to `authorize`, after the
 * Fetch request.
 *
 * @example
 * app.use('/ops/blue', blueDashboard(inboxDashboard(inbox, { authorize, hosts: ['ops.example.com'] })));
 * @throws TypeError if it is not a dashboard
 */
export function blueDashboard(dashboard: FetchHandler<[req: NodeRequest, res: NodeResponse]>): NodeMiddleware {
  requireFetchHandler(dashboard);
  return async (req, res, next) => {
    try {
      await sendResponse(res, await dashboard.fetch(await toRequest(req), req, res));
    } catch (error) {
      next(asError(error));
    }
  };
}

/** Makes a body parser keep the raw bytes that Blue signed: `express.json({ verify: keepRawBody })`. */
export function keepRawBody(req: NodeRequest, _res: NodeResponse, bytes: Buffer): void {
  req.rawBody = bytes;
}

function answer(res: NodeResponse, { status, headers, body }: Outcome): void {
  if (res.headersSent) return;
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.end(body ?? '');
}

/** `next(undefined)` continues as if nothing had failed, and Express treats `'route'` and `'router'` as commands. */
function asError(thrown: unknown): Error {
  if (typeof thrown === 'object' && thrown !== null) return thrown as Error;
  return new Error('The delivery handler rejected with a value that is not an error; see `cause`.', { cause: thrown });
}
