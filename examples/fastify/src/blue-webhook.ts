import type { BodySource, DeliveryHandler } from '@blue-webhooks/core';
import type { FastifyPluginAsync } from 'fastify';

/** A route for Blue's deliveries, in a scope of its own: the rest of the app keeps its parsers. */
export function blueWebhook(path: string, handler: DeliveryHandler): FastifyPluginAsync {
  return async (scope) => {
    // Blue signs the raw bytes: here nothing is parsed, the body stays in the stream.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));

    scope.all(path, async ({ method, headers, raw }, reply) => {
      const body: BodySource = (sink) => {
        raw.on('data', sink.chunk).on('end', sink.end).on('close', sink.fail);
        return () => {}; // the rest flows on unheard, so that the sender gets to read the answer
      };
      const answer = await handler.handle({ method, header: (name) => headers[name], body, request: raw });
      return reply
        .code(answer.status)
        .headers(answer.headers)
        .send(answer.body && Buffer.from(answer.body)); // to a text, Fastify would add a charset
    });
  };
}
