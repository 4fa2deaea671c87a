/** A message for SQS. */
export interface SqsMessage {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

/** What is used of the client: `new SQS({})` of `@aws-sdk/client-sqs`. */
export interface SqsClient {
  /** Resolves when SQS has confirmed the message. */
  sendMessage(message: SqsMessage, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
  /** Sets for how many seconds a received message is hidden. */
  changeMessageVisibility(request: {
    readonly QueueUrl: string;
    readonly ReceiptHandle: string;
    readonly VisibilityTimeout: number;
  }): Promise<unknown>;
}

/** Queues whose name ends in `.fifo` keep the order of a group. */
export const isFifo = (name: string): boolean => name.endsWith('.fifo');

/** @throws TypeError unless it has the methods of the SDK's `SQS` */
export function requireClient(client: unknown): SqsClient {
  const { sendMessage, changeMessageVisibility } = (client ?? {}) as Partial<SqsClient>;
  if (typeof sendMessage === 'function' && typeof changeMessageVisibility === 'function') return client as SqsClient;
  throw new TypeError(
    'client must be `new SQS({})` of @aws-sdk/client-sqs. An SQSClient has only the method `send`, without the calls.',
  );
}

/** @throws TypeError unless it is the URL of a queue */
export function requireQueueUrl(name: string, url: unknown): string {
  if (typeof url === 'string' && /^https?:\/\/[^/]/.test(url)) return url;
  throw new TypeError(
    `${name} must be the URL of a queue, such as https://sqs.eu-west-1.amazonaws.com/123456789012/blue.`,
  );
}
