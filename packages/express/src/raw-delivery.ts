import type { RawDelivery } from '@blue-webhooks/core';
import { bytesOf, type Host, type RawBody } from '@blue-webhooks/core/adapter';
import type { NodeRequest } from './node-request';

/** Converts a Node request to a raw delivery. */
export function toRawDelivery(req: NodeRequest, host?: Host): RawDelivery {
  return {
    method: req.method ?? '',
    header: (name) => req.headers[name],
    body: bodyOf(req),
    request: req,
    host: host ?? ('app' in req ? 'express' : undefined), // Express sets `req.app`
  };
}

/**
 * Returns the raw bytes: kept by the platform, read by a raw or text parser or by an earlier `verifyBlueWebhook`, or still in the
 * stream. Never a parsed object.
 */
function bodyOf(req: NodeRequest): RawBody {
  const kept = bytesOf(req.rawBody) ?? bytesOf(req.body) ?? bytesOf(req.blue?.rawBody);
  if (kept) return kept;
  // A stream switched to an encoding other than UTF-8 yields text from which the bytes cannot be recovered.
  if (req.readableDidRead || req.readableEnded || (req.readableEncoding ?? 'utf8') !== 'utf8') return undefined;
  return (sink) => {
    if (req.destroyed) sink.fail(req.errored);
    req.on('data', (bytes) => sink.chunk(bytes as Uint8Array | string));
    req.on('end', sink.end);
    req.on('error', sink.fail);
    req.on('close', sink.fail);
    req.resume(); // earlier middleware may have paused it
    return () => {}; // drain the rest: a sender that is cut off cannot read the response
  };
}
