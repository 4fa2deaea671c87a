import { isObject } from '@blue-webhooks/core/adapter';

/** A message of SQS, as Lambda passes it. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes?: {
    readonly ApproximateReceiveCount?: string | undefined;
    readonly MessageGroupId?: string | undefined;
  };
  readonly eventSourceARN: string;
}

/** A batch of SQS, as Lambda passes it. */
export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** What is used of the context that Lambda passes. */
export interface LambdaContext {
  /** Returns how many milliseconds the function has left. */
  getRemainingTimeInMillis?(): number;
}

/** The messages that SQS has to deliver again. */
export interface SqsBatchResponse {
  readonly batchItemFailures: { itemIdentifier: string }[];
}

/** @throws TypeError if the event is not one of SQS */
export function requireRecords(event: unknown): readonly SqsRecord[] {
  const records = isObject(event) ? event.Records : undefined;
  const isRecord = (record: unknown) =>
    isObject(record) && typeof record.messageId === 'string' && typeof record.eventSourceARN === 'string';
  if (Array.isArray(records) && records.every(isRecord)) return records;
  throw new TypeError('The event is not a batch of SQS: set the queue as the event source of this function.');
}
