import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeliveryHandler } from '@blue-webhooks/core';
import type { BodySource } from '@blue-webhooks/core/adapter';

export const adapt = (handler: DeliveryHandler) => async (req: IncomingMessage, res: ServerResponse) => {
  const { status, headers, body } = await handler.handle({
    method: req.method ?? '',
    header: (name) => req.headers[name], // several values stay several, or joined by a comma: never only one of them
    body: req.readableDidRead ? undefined : source(req), // undefined: someone has consumed it
    request: req, // for the secret function
  });
  res.writeHead(status, { ...headers }).end(body);
};

const source =
  (req: IncomingMessage): BodySource =>
  (sink) => {
    req.on('data', sink.chunk).on('end', sink.end).on('close', sink.fail);
    return () => {}; // enough was read: the rest flows on unheard, so that the sender gets to read the answer
  };
