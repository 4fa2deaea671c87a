import type { DeliveryHandler, Outcome, RawDelivery } from '@blue-webhooks/core';

type Headers = Readonly<Record<string, string | undefined>>;
type MultiValueHeaders = Readonly<Record<string, readonly string[] | undefined>>;

/** What is read of an event: API Gateway REST (v1) and HTTP (v2) APIs, Function URLs, ALB with single or multi-value headers. */
export interface LambdaHttpEvent {
  /** v1 and ALB. */
  readonly httpMethod?: string;
  /** Carries `http.method` in v2 and Function URLs. */
  readonly requestContext?: { readonly http?: { readonly method: string } } | object;
  readonly headers?: Headers | null | undefined;
  readonly multiValueHeaders?: MultiValueHeaders | null | undefined;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/** An answer that all of them take. */
export interface LambdaHttpResult {
  statusCode: number;
  headers: Record<string, string>;
  /** Only for an ALB with multi-value headers, which reads no others. */
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: false;
}

/**
 * A Lambda function that answers each event with the receiver's answer.
 *
 * @example
 * export const handler = blueWebhook(createReceiver({ secret }).on('TODO_CREATED', sync));
 */
export function blueWebhook(handler: DeliveryHandler): (event: LambdaHttpEvent) => Promise<LambdaHttpResult> {
  return async (event) => toResult(event, await handler.handle(toRawDelivery(event)));
}

function toRawDelivery(event: LambdaHttpEvent): RawDelivery {
  return {
    method: methodOf(event),
    header: (name) => headerValues(event, name),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    request: event,
  };
}

function methodOf({ httpMethod, requestContext }: LambdaHttpEvent): string {
  if (httpMethod !== undefined || !requestContext || !('http' in requestContext)) return httpMethod ?? '';
  return requestContext.http?.method ?? '';
}

/** Every value of a header, whatever case its name has. Multi-value headers come first: v1 keeps only the last in the other. */
function headerValues({ headers, multiValueHeaders }: LambdaHttpEvent, name: string): string[] {
  return Object.entries(multiValueHeaders ?? headers ?? {})
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value ?? []);
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
