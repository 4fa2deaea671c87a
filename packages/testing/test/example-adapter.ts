import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeliveryHandler } from '@blue-webhooks/core';
import type { BodySource } from '@blue-webhooks/core/adapter';

export const adapt = (handler: DeliveryHandler) => async (req: IncomingMessage, res: ServerResponse) => {
  const { status, headers, body } = await handler.handle({
    method: req.method ?? '',
    header: (name) => req.headers[name], // all values, as a list or joined by a comma: never only one of them
    body: req.readableDidRead ? undefined : source(req), // undefined: already consumed
    request: req, // for the secret function
  });
  res.writeHead(status, { ...headers }).end(body);
};

const source =
  (req: IncomingMessage): BodySource =>
  (sink) => {
    req.on('data', sink.chunk).on('end', sink.end).on('close', sink.fail);
    return () => {}; // enough was read: the rest is discarded, so that the sender can read the response
  };
