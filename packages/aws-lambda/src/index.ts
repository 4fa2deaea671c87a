import type { DeliveryHandler, Outcome } from '@blue-webhooks/core';
import type { LambdaHttpEvent } from './http-event';
import { toRawDelivery } from './raw-delivery';

export type { LambdaHttpEvent } from './http-event';

/** A response that every HTTP source of Lambda accepts. */
export interface LambdaHttpResult {
  statusCode: number;
  headers: Record<string, string>;
  /** Only for an ALB with multi-value headers, which ignores `headers`. */
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: false;
}

/**
 * Creates a Lambda function that returns the receiver's response to each event. The function rejects with a `TypeError` for
 * an event that is not an HTTP request, such as one of SQS.
 *
 * @example
 * export const handler = blueWebhook(createReceiver({ secret }).on('TODO_CREATED', sync));
 */
export function blueWebhook(handler: DeliveryHandler): (event: LambdaHttpEvent) => Promise<LambdaHttpResult> {
  return async (event) => toResult(event, await handler.handle(toRawDelivery(event)));
}

function toResult(event: LambdaHttpEvent, { status, headers, body }: Outcome): LambdaHttpResult {
  const result: LambdaHttpResult = {
    statusCode: status,
    headers: { ...headers },
    body: body ?? '',
    isBase64Encoded: false,
  };
  if (event.multiValueHeaders && !event.headers) {
    result.multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  }
  return result;
}
