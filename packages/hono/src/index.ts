import {
  createReceiver,
  type Delivery,
  type DeliveryHandler,
  type RawBody,
  type RawDelivery,
  type ReceiverOptions,
  readableSource,
  toResponse,
  WebhookError,
} from '@blue-webhooks/core';
import type { Context, Handler, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';

declare module 'hono' {
  interface ContextVariableMap {
    /** The verified delivery, set by `verifyBlueWebhook`. */
    blue: Delivery;
  }
}

/**
 * Answers each request with the receiver's answer.
 *
 * @example
 * app.post('/webhooks/blue', blueWebhook(createReceiver({ secret }).on('TODO_CREATED', sync)));
 */
export function blueWebhook(handler: DeliveryHandler): Handler {
  return async (c) => toResponse(await handler.handle(toRawDelivery(c)));
}

/**
 * Verifies, sets `c.var.blue` and goes on to your own handler, which answers; `c.req.json()` still works there. What is not
 * genuine is thrown as an `HTTPException` that carries the answer, with the `WebhookError` as its `cause`.
 * @throws TypeError for a secret that is missing, empty or blank, and for a limit that is no positive whole number
 */
export function verifyBlueWebhook(options: ReceiverOptions): MiddlewareHandler {
  const receiver = createReceiver(options);
  return async (c, next) => {
    let delivery: Delivery;
    try {
      delivery = await receiver.verify(toRawDelivery(c));
    } catch (error) {
      if (!WebhookError.is(error)) throw error;
      const res = toResponse(error);
      throw new HTTPException(res.status as HTTPException['status'], { message: error.message, cause: error, res });
    }
    c.set('blue', delivery);
    keepBody(c, delivery.rawBody);
    await next();
  };
}

function toRawDelivery(c: Context): RawDelivery {
  return {
    method: c.req.method,
    header: (name) => c.req.header(name),
    body: bodyOf(c),
    request: c.req.raw,
  };
}

/** Puts a body that was read from the stream where `c.req.json()` and a second middleware look for it. */
function keepBody({ req }: Context, rawBody: string): void {
  const cache: { text?: unknown } = req.bodyCache; // holds promises, whatever its declaration says
  cache.text ??= Promise.resolve(rawBody);
}

/** What Hono's cache may hold before us without harm to the bytes. From `json` it would write the body anew. */
const exact = ['arrayBuffer', 'text', 'blob'];

function bodyOf({ req }: Context): RawBody {
  // Older Hono puts what parseBody() makes of JSON, an empty object, here too, has read nothing for it, and trips over it.
  delete (req.bodyCache as { parsedBody?: unknown }).parsedBody;
  const [readAs] = Object.keys(req.bodyCache);
  if (readAs === undefined ? req.raw.bodyUsed : !exact.includes(readAs)) return undefined;
  if (readAs !== undefined || req.header('content-length') !== undefined) {
    // The length is known and has been checked: read at once, which Hono's servers do faster than chunk by chunk.
    return (sink) => {
      req.arrayBuffer().then((bytes) => {
        sink.chunk(new Uint8Array(bytes));
        sink.end();
      }, sink.fail);
      return () => {};
    };
  }
  return req.raw.body ? readableSource(req.raw.body) : new Uint8Array();
}
