import type { IncomingMessage } from 'node:http';
import type { Delivery } from '@blue-webhooks/core';

/** The parts of a request that the adapter reads: Express 4 and 5, Connect, Cloud Functions, Nest, plain `node:http`. */
export interface NodeRequest extends IncomingMessage {
  /** Set by a parser that ran earlier. */
  body?: unknown;
  /** The raw bytes of the body, if the platform or `keepRawBody` kept them. */
  rawBody?: unknown;
  /** The verified delivery, set by `verifyBlueWebhook`. */
  blue?: Delivery | undefined;
}
