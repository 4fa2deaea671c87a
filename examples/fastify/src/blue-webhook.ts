import type { DeliveryHandler } from '@blue-webhooks/core';
import type { BodySource, RawBody } from '@blue-webhooks/core/adapter';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';

/** Creates a plugin with a route for Blue's deliveries. A plugin has its own scope: the rest of the app keeps its parsers. */
export function blueWebhook(path: string, handler: DeliveryHandler): FastifyPluginAsync {
  return async (scope) => {
    // Blue signs the raw bytes: in this scope nothing is parsed, and the body stays in the stream.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));

    scope.all(path, async (request, reply) => {
      const { method, headers, raw } = request;
      const body = bodyOf(request);
      const outcome = await handler.handle({ method, header: (name) => headers[name], body, request: raw });
      return reply
        .code(outcome.status)
        .headers(outcome.headers)
        .send(outcome.body && Buffer.from(outcome.body)); // Fastify adds a charset to a string
    });
  };
}

/** Returns the bytes that `fastify-raw-body` kept, or reads the stream. `undefined` if something else consumed it. */
function bodyOf({ raw, ...request }: FastifyRequest & { rawBody?: unknown }): RawBody {
  const { rawBody } = request;
  if (typeof rawBody === 'string') return Buffer.from(rawBody);
  if (Buffer.isBuffer(rawBody)) return rawBody;
  if (raw.readableDidRead || raw.destroyed) return undefined;
  const source: BodySource = (sink) => {
    raw.on('data', sink.chunk).on('end', sink.end).on('close', sink.fail);
    return () => {}; // drain the rest: a sender that is cut off cannot read the response
  };
  return source;
}
