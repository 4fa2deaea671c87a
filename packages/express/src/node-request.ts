import type { Delivery } from '@blue-webhooks/core';

/**
 * The parts of a request that the adapter reads: Express 4 and 5, Connect, Koa, h3, Cloud Functions, Nest, `node:http` and
 * `node:http2`. Declared by structure, because other libraries add their own `rawBody` to `IncomingMessage`.
 */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** The URL before a mounted router has removed its path, set by Express and Connect. */
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly readableDidRead: boolean;
  readonly readableEnded: boolean;
  readonly readableEncoding: string | null;
  readonly destroyed: boolean;
  readonly errored: Error | null;
  /** Adds a listener. */
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  /** Lets the rest of the body flow and be discarded. */
  resume(): unknown;
  /** Set by a parser that ran earlier. */
  body?: unknown;
  /** The raw bytes of the body, if the platform or `keepRawBody` kept them. */
  rawBody?: unknown;
  /** The verified delivery, set by `verifyBlueWebhook`. */
  blue?: Delivery | undefined;
}

/** The parts of a response that the adapter writes. */
export interface NodeResponse {
  readonly headersSent: boolean;
  statusCode: number;
  /** Sets a header. */
  setHeader(name: string, value: string): unknown;
  /** Sends the body and ends the response. */
  end(body: string | Uint8Array): unknown;
}
