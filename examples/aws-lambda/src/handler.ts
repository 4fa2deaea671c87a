import { blueWebhook } from '@blue-webhooks/aws-lambda';
import { createReceiver } from '@blue-webhooks/core';

const receiver = createReceiver({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  deadlineMs: 2_500, // below the function's own timeout, which is 3 seconds unless you raise it
}).on('TODO_CREATED', ({ currentValue }) => console.log(`New record: ${currentValue.title}`));

export const handler = blueWebhook(receiver);
