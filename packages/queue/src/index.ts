export type { DeliveryFacts, Retry, RetryOptions } from '@blue-webhooks/core/adapter';
export {
  createQueueConsumer,
  type DeadLetter,
  type MessageContext,
  type QueueConsumer,
  type QueueConsumerOptions,
  type QueueResult,
} from './consumer';
export type { Offload } from './offload';
export {
  createQueueProducer,
  type ProducerOptions,
  type QueueMessage,
  type QueueProducer,
  type QueueProducerOptions,
} from './producer';
export { QueueError, type QueueErrorCode } from './queue-error';
export type { DeadReason, HandledMessage, QueueEvent, QueueHooks } from './queue-event';
