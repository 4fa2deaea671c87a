import { createReceiver, type Receiver } from '@blue-webhooks/core';
import {
  type CloudflareBatch,
  type CloudflareQueue,
  createCloudflareConsumer,
  createCloudflareProducer,
} from '@blue-webhooks/queue/cloudflare';

interface Env {
  BLUE_WEBHOOK_SECRET: string;
  BLUE_QUEUE: CloudflareQueue;
  BLUE_DEAD_LETTERS: CloudflareQueue;
  CRM: { fetch(url: string, init: { method: string; body: string; signal: AbortSignal }): Promise<Response> };
}

function receiverOf({ BLUE_WEBHOOK_SECRET, CRM }: Env): Receiver {
  return createReceiver({ secret: BLUE_WEBHOOK_SECRET }).on(
    ['TODO_CREATED', 'TODO_MOVED'],
    async ({ currentValue }, { signal }) => {
      const response = await CRM.fetch('https://crm/records', { method: 'POST', body: currentValue.id, signal });
      if (!response.ok) throw new Error(`The CRM answered ${response.status}.`); // retried for 15 hours
    },
  );
}

export default {
  /** Receives: verifies the delivery, sends it to the queue, answers. */
  fetch(request: Request, env: Env, ctx: unknown): Promise<Response> {
    return createCloudflareProducer({ receiver: receiverOf(env), queue: env.BLUE_QUEUE }).fetch(request, ctx);
  },
  /** Handles, in an invocation of its own that may take 15 minutes. */
  queue(batch: CloudflareBatch, env: Env): Promise<void> {
    const consumer = createCloudflareConsumer({
      receiver: receiverOf(env),
      deadLetters: env.BLUE_DEAD_LETTERS,
      onDeadLetter: (delivery, error) => console.error('Dead letter:', delivery?.event, delivery?.id, error),
    });
    return consumer.queue(batch);
  },
};
