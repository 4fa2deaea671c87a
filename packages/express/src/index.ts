import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createReceiver,
  type Delivery,
  type DeliveryHandler,
  type Outcome,
  type RawBody,
  type RawDelivery,
  type ReceiverOptions,
} from '@blue-webhooks/core';

declare global {
  namespace Express {
    interface Request {
      /** The verified delivery, set by `verifyBlueWebhook`. */
      blue?: Delivery;
    }
  }
}

/** What is read of a request: Express 4 and 5, Connect, Cloud Functions, Nest, plain `node:http`. */
export interface NodeRequest extends IncomingMessage {
  /** Set by an earlier parser. */
  body?: unknown;
  /** The body's bytes, where the platform or `keepRawBody` has kept them. */
  rawBody?: unknown;
  blue?: Delivery;
}

/** Hands over to the next middleware, or to the error handler. */
export type Next = (error?: unknown) => void;

/** A middleware that needs nothing of Express but this. */
export type NodeMiddleware = (req: NodeRequest, res: ServerResponse, next: Next) => Promise<void>;

/**
 * Ends each request with the receiver's answer. Mount it before any body parser, or keep the bytes with `keepRawBody`.
 *
 * @example
 * app.post('/webhooks/blue', blueWebhook(createReceiver({ secret }).on('TODO_CREATED', sync)));
 */
export function blueWebhook(handler: DeliveryHandler): NodeMiddleware {
  return async (req, res, next) => {
    try {
      answer(res, await handler.handle(toRawDelivery(req)));
    } catch (error) {
      next(error);
    }
  };
}

/**
 * Verifies, sets `req.blue` and goes on to your own handler, which answers. What is not genuine goes to the error handler
 * as a `WebhookError`, whose `status` is the answer's.
 * @throws TypeError for a secret that is missing, empty or blank, and for a limit that is no positive whole number
 */
export function verifyBlueWebhook(options: ReceiverOptions): NodeMiddleware {
  const receiver = createReceiver(options);
  return async (req, _res, next) => {
    try {
      req.blue = await receiver.verify(toRawDelivery(req));
      req.rawBody ??= Buffer.from(req.blue.rawBody); // for whoever reads the body after us
    } catch (error) {
      return next(error);
    }
    next();
  };
}

/** Makes a parser keep the bytes that Blue signed: `express.json({ verify: keepRawBody })`. */
export function keepRawBody(req: NodeRequest, _res: ServerResponse, bytes: Buffer): void {
  req.rawBody = bytes;
}

function toRawDelivery(req: NodeRequest): RawDelivery {
  return {
    method: req.method ?? '',
    header: (name) => req.headers[name],
    body: bodyOf(req),
    request: req,
  };
}

/** The raw bytes: kept by the platform, read by a raw or text parser, or still in the stream. Never from a parsed object. */
function bodyOf(req: NodeRequest): RawBody {
  for (const kept of [req.rawBody, req.body]) {
    if (kept instanceof Uint8Array) return kept;
    if (typeof kept === 'string') return Buffer.from(kept);
  }
  // Switched to another encoding than UTF-8, the stream gives text from which the bytes cannot be had.
  if (req.readableDidRead || req.readableEnded || (req.readableEncoding ?? 'utf8') !== 'utf8') return undefined;
  return (sink) => {
    if (req.destroyed) sink.fail(req.errored);
    req.on('data', sink.chunk).on('end', sink.end).on('error', sink.fail).on('close', sink.fail);
    req.resume(); // someone may have paused it
    return () => {}; // the rest flows on unheard: a sender that is cut off would not get to read the answer
  };
}

function answer(res: ServerResponse, { status, headers, body }: Outcome): void {
  if (res.headersSent) return;
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.end(body);
}
