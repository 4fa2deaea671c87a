import { createQueueConsumer, type DeadLetter, type QueueConsumerOptions } from '../consumer';
import { requireOptions } from '../settings';
import { type CloudflareBatch, type CloudflareQueue, requireQueue } from './queue';

/** How the messages of Cloudflare Queues are handled. */
export interface CloudflareConsumerOptions extends QueueConsumerOptions {
  /**
   * The producer binding of the queue to which dead messages are sent. Defaults to none: a dead message is retried, and Cloudflare
   * moves it to the `dead_letter_queue` of the consumer after `max_retries`.
   */
  readonly deadLetters?: CloudflareQueue | undefined;
}

/** Handles the batches of a queue. */
export interface CloudflareConsumer {
  /** Handles the messages of a batch one after the other, and acknowledges or retries each. Needs no `this`. */
  queue(batch: CloudflareBatch, ...context: readonly unknown[]): Promise<void>;
}

/** Cloudflare takes 24 hours. */
const MAX_DELAY_S = 86_400;

/**
 * Creates the `queue` of a Worker. A message is acknowledged when it is done, and retried with the delays of `retry` when it failed; the
 * others of its batch are not affected.
 *
 * @example
 * const consumer = createCloudflareConsumer({ receiver, deadLetters: env.BLUE_DEAD_LETTERS });
 * await consumer.queue(batch);
 * @throws TypeError for an invalid option
 */
export function createCloudflareConsumer(options: CloudflareConsumerOptions): CloudflareConsumer {
  requireOptions('createCloudflareConsumer({ receiver })', options);
  const { consume } = createQueueConsumer({ ...options, deadLetter: deadLetterOf(options) });
  return {
    async queue({ messages }) {
      for (const message of messages) {
        const { body, attempts, id } = message;
        const result = await consume(body, { attempts, messageId: id });
        if (result.type === 'done' || (result.type === 'dead' && result.isStored)) message.ack();
        else if (result.type === 'dead') message.retry();
        else message.retry({ delaySeconds: Math.min(MAX_DELAY_S, Math.ceil(result.afterMs / 1_000)) });
      }
    },
  };
}

/** @throws TypeError for an option that cannot be used */
function deadLetterOf({ deadLetter, deadLetters }: CloudflareConsumerOptions) {
  if (deadLetters === undefined) return deadLetter;
  if (deadLetter !== undefined) throw new TypeError('Pass either deadLetter or deadLetters.');
  const queue = requireQueue('deadLetters', deadLetters);
  // What another program sent can be any value that Cloudflare copies.
  const typeOf = (message: unknown) => (typeof message === 'string' ? 'text' : 'v8');
  return ({ message }: DeadLetter) => queue.send(message, { contentType: typeOf(message) });
}
