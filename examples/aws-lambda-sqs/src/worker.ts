/** The function behind the queue: runs the handlers, and returns the messages that failed. */
import { SQS } from '@aws-sdk/client-sqs';
import { createSqsConsumer } from '@blue-webhooks/queue/sqs';
import { receiver } from './receiver';

export const handler = createSqsConsumer({
  receiver,
  client: new SQS({}),
  queueUrl: process.env.QUEUE_URL,
  deadLetterQueueUrl: process.env.DEAD_LETTER_QUEUE_URL,
  onDeadLetter: (delivery, error) => console.error('Dead letter:', delivery?.event, delivery?.id, error),
});
