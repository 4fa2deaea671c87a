import { app } from '@azure/functions';
import { createReceiver } from '@blue-webhooks/core';

const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
  console.log(`New record: ${currentValue.title}`),
);

app.http('blue', {
  methods: ['POST'],
  route: 'webhooks/blue',
  authLevel: 'anonymous', // the signature is the authentication
  handler: (request) => receiver.fetch(request),
});
