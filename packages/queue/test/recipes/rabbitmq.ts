import type { Receiver } from '@blue-webhooks/core';
import { createQueueConsumer, createQueueProducer, type QueueConsumerOptions } from '@blue-webhooks/queue';
import type { ConfirmChannel, Options } from 'amqplib';

/** Handles the messages of the queue `blue`, and returns the producer. */
export async function onRabbitMq(channel: ConfirmChannel, receiver: Receiver, options?: Partial<QueueConsumerOptions>) {
  const send = async (queue: string, text: string, publish?: Options.Publish) => {
    channel.sendToQueue(queue, Buffer.from(text), { persistent: true, ...publish });
    await channel.waitForConfirms();
  };
  for (const queue of ['blue', 'blue-dead']) await channel.assertQueue(queue, { durable: true });
  await channel.assertQueue('blue-retries', { durable: true, deadLetterExchange: '', deadLetterRoutingKey: 'blue' });
  const deadLetter: QueueConsumerOptions['deadLetter'] = ({ message }) => send('blue-dead', `${message}`);
  const { consume } = createQueueConsumer({ receiver, deadLetter, ...options });
  await channel.consume('blue', async (message) => {
    if (!message) return; // the queue was deleted
    const [text, attempts] = [`${message.content}`, 1 + (message.properties.headers?.attempts ?? 0)];
    const result = await consume(text, { attempts });
    const later = (afterMs: number) => ({ expiration: afterMs, headers: { attempts } });
    if (result.type === 'retry') await send('blue-retries', text, later(result.afterMs));
    channel.ack(message);
  });
  return createQueueProducer({ receiver, send: ({ body }) => send('blue', body) });
}
