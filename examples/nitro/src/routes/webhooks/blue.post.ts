import { createReceiver } from '@blue-webhooks/core';
import { defineEventHandler, toWebRequest } from 'h3';

const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
  console.log(`New record: ${currentValue.title}`),
);

export default defineEventHandler((event) => receiver.fetch(toWebRequest(event), event.context));
