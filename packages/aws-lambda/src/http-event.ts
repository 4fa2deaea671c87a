type Headers = Readonly<Record<string, string | undefined>>;
type MultiValueHeaders = Readonly<Record<string, readonly string[] | undefined>>;

/** The parts of an event that the adapter reads: API Gateway REST (v1) and HTTP (v2) APIs, Function URLs, ALB with single or multi-value headers. */
export interface LambdaHttpEvent {
  /** Set by v1 and ALB. */
  readonly httpMethod?: string | undefined;
  /** Carries `http.method` in v2 and Function URLs. */
  readonly requestContext?: { readonly http?: { readonly method: string } | undefined } | object | undefined;
  readonly headers?: Headers | null | undefined;
  readonly multiValueHeaders?: MultiValueHeaders | null | undefined;
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

/** Returns the method of an HTTP event, `undefined` if the event is of another kind. */
export function methodOf(event: unknown): string | undefined {
  if (!isObject(event)) return undefined;
  const { httpMethod, requestContext } = event;
  if (typeof httpMethod === 'string') return httpMethod;
  if (!isObject(requestContext) || !isObject(requestContext.http)) return undefined;
  const { method } = requestContext.http;
  return typeof method === 'string' ? method : undefined;
}

/**
 * Returns every value of a header, whatever the case of its name. Multi-value headers come first: v1 keeps only the last
 * value in `headers`. A middleware may have emptied or dropped either.
 */
export function headerValues({ headers, multiValueHeaders }: LambdaHttpEvent, name: string): string[] {
  const several = valuesIn(multiValueHeaders, name);
  return several.length > 0 ? several : valuesIn(headers, name);
}

function valuesIn(headers: Headers | MultiValueHeaders | null | undefined, name: string): string[] {
  return Object.entries(headers ?? {})
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value ?? []);
}

/**
 * Creates the error for an event of another kind: a response would acknowledge the messages of a queue.
 * The message names what the event looks like and nothing of its content.
 */
export function notHttp(event: unknown): TypeError {
  return new TypeError(
    `blueWebhook takes HTTP events: API Gateway REST (v1, with the proxy integration) and HTTP (v2) APIs, Lambda Function URLs and Application Load Balancers. It received ${kindOf(event)}. Connect the function to one of them, and handle events of other sources in another function.`,
  );
}

function kindOf(event: unknown): string {
  if (event === null || event === undefined) return String(event);
  if (Array.isArray(event)) return 'an array';
  if (!isObject(event)) return `a ${typeof event}`;
  const [record] = Array.isArray(event.Records) ? event.Records : [];
  if (isObject(record)) {
    const source = record.eventSource ?? record.EventSource;
    if (source === 'aws:sqs') return 'an SQS event';
    if (source === 'aws:sns') return 'an SNS event';
    return 'an event with `Records`';
  }
  if ('detail-type' in event) return 'an EventBridge event';
  if (typeof event.event === 'string') {
    return 'a Blue delivery itself: the REST API lacks the proxy integration, or a test passed the body as the event';
  }
  return 'an object without an HTTP method';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
