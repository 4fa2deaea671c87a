import { blueWebhook } from '@blue-webhooks/aws-lambda';
import { bullmqInbox } from '@blue-webhooks/inbox/bullmq';
import { receiver } from './receiver';

// Created outside the handler, so that invocations share the connection. Never started: this function only enqueues.
const inbox = bullmqInbox({ receiver, connection: { url: process.env.REDIS_URL ?? 'redis://localhost:6379' } });

export const handler = blueWebhook(inbox);
