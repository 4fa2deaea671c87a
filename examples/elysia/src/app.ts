import { createReceiver } from '@blue-webhooks/core';
import { Elysia } from 'elysia';

const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
  console.log(`New record: ${currentValue.title}`),
);

export const app = new Elysia().post('/webhooks/blue', ({ request }) => receiver.fetch(request), {
  parse: 'none', // Blue signs the raw bytes: Elysia must not read them first
});
