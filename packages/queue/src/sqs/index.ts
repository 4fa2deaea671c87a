export type { SqsClient, SqsMessage } from './client';
export { createSqsConsumer, type SqsConsumerOptions, type SqsHandler } from './consumer';
export type { LambdaContext, SqsBatchResponse, SqsEvent, SqsRecord } from './lambda-event';
export { createSqsProducer, type SqsProducerOptions } from './producer';
