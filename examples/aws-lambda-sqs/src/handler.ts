/** The function behind the Function URL: verifies a delivery, sends it to the queue, answers. */
import { SQS } from '@aws-sdk/client-sqs';
import { blueWebhook } from '@blue-webhooks/aws-lambda';
import { createSqsProducer } from '@blue-webhooks/queue/sqs';
import { receiver } from './receiver';

const producer = createSqsProducer({
  receiver,
  client: new SQS({}),
  queueUrl: process.env.QUEUE_URL ?? '',
  onEvent: (event) => event.type === 'store-failed' && console.error('SQS:', event.error),
});

export const handler = blueWebhook(producer);
