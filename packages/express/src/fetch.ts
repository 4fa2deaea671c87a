import { readBody } from '@blue-webhooks/core/adapter';
import type { NodeRequest, NodeResponse } from './node-request';
import { toRawDelivery } from './raw-delivery';

const LIMITS = { maxBodyBytes: 1_048_576, bodyTimeoutMs: 5_000 };

/**
 * Converts a Node request to a Fetch request.
 * @throws WebhookError if the body cannot be read, as for a delivery, or has more than 1 MiB
 */
export async function toRequest(req: NodeRequest): Promise<Request> {
  const method = req.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? Uint8Array.from(await readBody(toRawDelivery(req), LIMITS)) : null;
  return new Request(urlOf(req), { method, headers: headersOf(req), body });
}

/** Sends a Fetch response with Node's. */
export async function sendResponse(res: NodeResponse, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  if (res.headersSent) return;
  res.statusCode = response.status;
  for (const [name, value] of response.headers) res.setHeader(name, value);
  res.end(body);
}

/** The URL, with a path that Express has not shortened. A host that is not one, which the handler refuses, is left out. */
function urlOf({ url = '/', originalUrl = url, headers }: NodeRequest): string {
  const path = originalUrl.startsWith('/') ? originalUrl : '/';
  const host = String(hostIn(headers));
  const named = `http://${host}${path}`;
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(named) ? named : `http://localhost${path}`;
}

function headersOf({ headers }: NodeRequest): Headers {
  const converted = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 has headers of its own, such as `:authority`.
    if (value !== undefined && !name.startsWith(':')) converted.set(name, String(value));
  }
  converted.set('host', String(hostIn(headers)));
  return converted;
}

const hostIn = (headers: NodeRequest['headers']) => headers.host ?? headers[':authority'] ?? '';
