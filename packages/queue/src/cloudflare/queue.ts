/** What is used of a producer binding of Cloudflare Queues, such as `env.BLUE_QUEUE`. */
export interface CloudflareQueue {
  /** Resolves when the queue has confirmed the message. */
  send(body: unknown, options: { readonly contentType: 'text' | 'v8' }): Promise<unknown>;
}

/** A message of Cloudflare Queues. */
export interface CloudflareMessage {
  readonly id: string;
  readonly body: unknown;
  /** How often it has been delivered, from 1. */
  readonly attempts: number;
  /** Finishes the message. */
  ack(): void;
  /** Has the message delivered again. */
  retry(options?: { readonly delaySeconds?: number }): void;
}

/** The messages of one call of a Worker's `queue`. */
export interface CloudflareBatch {
  readonly messages: readonly CloudflareMessage[];
}

/** @throws TypeError unless it is a producer binding */
export function requireQueue(name: string, queue: unknown): CloudflareQueue {
  if (typeof (queue as Partial<CloudflareQueue> | null | undefined)?.send === 'function')
    return queue as CloudflareQueue;
  throw new TypeError(
    `${name} must be a producer binding of Cloudflare Queues: add it to \`queues.producers\` of the Worker's configuration, and pass env.<binding>.`,
  );
}
