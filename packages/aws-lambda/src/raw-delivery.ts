import type { RawDelivery } from '@blue-webhooks/core';
import { bytesOf, type RawBody } from '@blue-webhooks/core/adapter';
import { headerValues, type LambdaHttpEvent, methodOf, notHttp } from './http-event';

/**
 * Converts an event to a raw delivery.
 * @throws TypeError if it is not an HTTP event
 */
export function toRawDelivery(event: LambdaHttpEvent): RawDelivery {
  const method = methodOf(event);
  if (method === undefined) throw notHttp(event);
  return {
    method,
    header: (name) => headerValues(event, name),
    body: bodyOf(event),
    request: event,
    host: 'aws-lambda',
  };
}

/** Returns the raw bytes, `undefined` if a middleware, such as a JSON body parser, replaced the text. */
function bodyOf({ body, isBase64Encoded }: { readonly body?: unknown; readonly isBase64Encoded?: unknown }): RawBody {
  if (body === null || body === undefined) return new Uint8Array();
  if (typeof body === 'string') return isBase64Encoded ? decodeBase64(body) : Buffer.from(body, 'utf8');
  return bytesOf(body); // a middleware may have decoded base64
}

/** Node skips what is not base64, so that a text which a middleware decoded would become other bytes. */
function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
