export { type CloudflareConsumer, type CloudflareConsumerOptions, createCloudflareConsumer } from './consumer';
export { type CloudflareProducerOptions, createCloudflareProducer } from './producer';
export type { CloudflareBatch, CloudflareMessage, CloudflareQueue } from './queue';
