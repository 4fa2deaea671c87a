import { createQueueProducer, type ProducerOptions, type QueueProducer } from '../producer';
import { requireOptions } from '../settings';
import { type CloudflareQueue, requireQueue } from './queue';

/** How deliveries reach Cloudflare Queues. */
export interface CloudflareProducerOptions extends ProducerOptions {
  /** The producer binding: `env.BLUE_QUEUE`. */
  readonly queue: CloudflareQueue;
  /** The largest message, in bytes. Defaults to 127,900: the limit of Cloudflare Queues is 128,000, with its own metadata. */
  readonly maxMessageBytes?: number | undefined;
}

/** 128 KB of 1,000 bytes, of which about 100 bytes are metadata: https://developers.cloudflare.com/queues/platform/limits/ */
const MAX_MESSAGE_BYTES = 127_900;

/**
 * Creates a producer that sends each delivery to a queue of Cloudflare.
 *
 * @example
 * const producer = createCloudflareProducer({ receiver, queue: env.BLUE_QUEUE });
 * return producer.fetch(request, ctx);
 * @throws TypeError for an invalid option
 */
export function createCloudflareProducer(options: CloudflareProducerOptions): QueueProducer {
  requireOptions('createCloudflareProducer({ receiver, queue: env.BLUE_QUEUE })', options);
  const queue = requireQueue('queue', options.queue);
  const { receiver, offload, onEvent, maxMessageBytes = MAX_MESSAGE_BYTES } = options;
  const send = ({ body }: { readonly body: string }) => queue.send(body, { contentType: 'text' });
  return createQueueProducer({ receiver, offload, onEvent, maxMessageBytes, send });
}
