import { createQueueProducer, type ProducerOptions, type QueueProducer } from '../producer';
import { requireOptions } from '../settings';
import { isFifo, requireClient, requireQueueUrl, type SqsClient } from './client';

/** How deliveries reach SQS. */
export interface SqsProducerOptions extends ProducerOptions {
  /** The client: `new SQS({})` of `@aws-sdk/client-sqs`. */
  readonly client: SqsClient;
  /** The URL of a standard queue, or of a FIFO queue, which keeps the order of an entity. */
  readonly queueUrl: string;
  /**
   * The largest message that the queue takes, in bytes. Defaults to 1,048,576, the limit of SQS; set it to the queue's
   * `MaximumMessageSize` if that is less.
   */
  readonly maxMessageBytes?: number | undefined;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_MESSAGE_BYTES = 1_048_576;

/**
 * Creates a producer that sends each delivery to an SQS queue: in a FIFO queue with the entity as group and the delivery's id for
 * deduplication.
 *
 * @example
 * const producer = createSqsProducer({ receiver, client: new SQS({}), queueUrl: process.env.QUEUE_URL });
 * export const handler = blueWebhook(producer);
 * @throws TypeError for an invalid option
 */
export function createSqsProducer(options: SqsProducerOptions): QueueProducer {
  requireOptions('createSqsProducer({ receiver, client: new SQS({}), queueUrl })', options);
  const client = requireClient(options.client);
  const queueUrl = requireQueueUrl('queueUrl', options.queueUrl);
  const { receiver, offload, onEvent, maxMessageBytes = MAX_MESSAGE_BYTES } = options;
  return createQueueProducer({
    receiver,
    offload,
    onEvent,
    maxMessageBytes,
    send({ body, delivery: { id, entityId, webhookId }, signal }) {
      const message = { QueueUrl: queueUrl, MessageBody: body };
      const group = [entityId, webhookId].find(isGroup) ?? id;
      const order = { MessageGroupId: group, MessageDeduplicationId: id };
      return client.sendMessage(isFifo(queueUrl) ? { ...message, ...order } : message, { abortSignal: signal });
    },
  });
}

/** Which ids SQS takes for a group: letters, digits and punctuation. */
const isGroup = (id: string | undefined): boolean => id !== undefined && /^[!-~]{1,128}$/.test(id);
