import { createReceiver, memoryLedger } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import express, { type Express } from 'express';
import type { openSecrets } from './secrets';

export function createApp(secrets: ReturnType<typeof openSecrets>): Express {
  const receiver = createReceiver({
    secret: ({ webhookId }) => secrets.of(webhookId),
    ledger: memoryLedger(),
    deadLetter: (delivery, error) => console.error('Dead letter:', delivery.event.event, delivery.id, error.cause),
  }).on('TODO_CREATED', ({ webhook, currentValue }, { secretId }) =>
    console.log(`${webhook?.id} (${secretId}): ${currentValue.title}`),
  );
  return express().post('/webhooks/blue', blueWebhook(receiver));
}
