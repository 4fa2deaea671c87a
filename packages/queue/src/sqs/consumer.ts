import { retryOf } from '@blue-webhooks/core/adapter';
import { createQueueConsumer, type DeadLetter, type QueueConsumerOptions, type QueueResult } from '../consumer';
import { createReporter, settledHooks } from '../queue-event';
import { requireOptions } from '../settings';
import { isFifo, requireClient, requireQueueUrl, type SqsClient } from './client';
import {
  type LambdaContext,
  requireRecords,
  type SqsBatchResponse,
  type SqsEvent,
  type SqsRecord,
} from './lambda-event';

/** How the messages of SQS are handled. */
export interface SqsConsumerOptions extends QueueConsumerOptions {
  /** The client, for the delays of `retry` and for `deadLetterQueueUrl`. Defaults to none. */
  readonly client?: SqsClient | undefined;
  /** The URL of the queue, with `client`: a retry then has the delays of `retry`. Defaults to the queue's visibility timeout. */
  readonly queueUrl?: string | undefined;
  /**
   * The URL of the queue to which dead messages are sent, with `client`. Defaults to none: a dead message is returned as failed, and
   * SQS moves it to its dead letter queue after `maxReceiveCount`.
   */
  readonly deadLetterQueueUrl?: string | undefined;
}

/** A Lambda function for a batch of SQS. The event source needs `FunctionResponseTypes: [ReportBatchItemFailures]`. */
export type SqsHandler = (event: SqsEvent, context?: LambdaContext) => Promise<SqsBatchResponse>;

/** What is left of the function's time for the response. */
const RESERVED_MS = 2_000;
/** SQS takes 12 hours from the receipt. */
const MAX_VISIBILITY_S = 43_000;

/**
 * Creates a Lambda function that handles a batch of SQS and returns the messages that failed. Of a FIFO queue, it returns also
 * those that follow a failed message of the same group, so that their order is kept. Messages for which the function has no time
 * left are returned without an attempt.
 *
 * @example
 * export const handler = createSqsConsumer({ receiver, client: new SQS({}), queueUrl: process.env.QUEUE_URL });
 * @throws TypeError for an invalid option
 */
export function createSqsConsumer(options: SqsConsumerOptions): SqsHandler {
  requireOptions('createSqsConsumer({ receiver })', options);
  const { client, queueUrl } = settingsOf(options);
  const report = createReporter(options);
  const { maxAttempts } = retryOf(options.retry);
  const { consume } = createQueueConsumer({ ...options, deadLetter: deadLetterOf(options) });

  async function handle(record: SqsRecord, timeoutMs: number | undefined): Promise<QueueResult> {
    const received = Number(record.attributes?.ApproximateReceiveCount);
    // SQS counts also the receipts of a message that waits for its group: the last of them runs, however many there were.
    const attempts = isFifo(record.eventSourceARN) ? Math.min(received, maxAttempts) : received;
    return consume(record.body, { attempts, messageId: record.messageId, timeoutMs });
  }

  /** Delays the next receipt. Without it, or if SQS refuses, the queue's visibility timeout applies. */
  async function delay(
    { receiptHandle }: SqsRecord,
    afterMs: number,
    keep: (work: Promise<unknown>) => unknown,
  ): Promise<void> {
    if (!client || !queueUrl) return;
    const seconds = Math.min(MAX_VISIBILITY_S, Math.ceil(afterMs / 1_000));
    try {
      await client.changeMessageVisibility({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      });
    } catch {
      report({ type: 'warning', reason: 'SQS did not set the delay of a retry.' }, keep);
    }
  }

  return async (event, context) => {
    const failed: SqsRecord[] = [];
    const delays = new Map<string, number | undefined>();
    const hooks: Promise<unknown>[] = [];
    for (const record of requireRecords(event)) {
      const group = isFifo(record.eventSourceARN) ? record.attributes?.MessageGroupId : undefined;
      const leftMs = context?.getRemainingTimeInMillis?.();
      const timeoutMs = leftMs === undefined ? undefined : Math.floor(leftMs - RESERVED_MS);
      const waits = group !== undefined && delays.has(group);
      const result = waits || (timeoutMs !== undefined && timeoutMs < 1) ? undefined : await handle(record, timeoutMs);
      if (result?.type === 'done' || (result?.type === 'dead' && result.isStored)) continue;
      failed.push(record);
      const afterMs = result?.type === 'retry' ? result.afterMs : group && delays.get(group);
      if (afterMs) await delay(record, afterMs, (work) => hooks.push(work));
      if (group !== undefined && !waits) delays.set(group, afterMs || undefined);
    }
    await settledHooks(hooks);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

/** @throws TypeError for an option that cannot be used */
function settingsOf({ client, queueUrl, deadLetterQueueUrl, deadLetter }: SqsConsumerOptions) {
  if (client === undefined && (queueUrl !== undefined || deadLetterQueueUrl !== undefined)) {
    throw new TypeError(
      'queueUrl and deadLetterQueueUrl need the client: createSqsConsumer({ client: new SQS({}), … }).',
    );
  }
  if (deadLetter !== undefined && deadLetterQueueUrl !== undefined) {
    throw new TypeError('Pass either deadLetter or deadLetterQueueUrl.');
  }
  return {
    client: client === undefined ? undefined : requireClient(client),
    queueUrl: queueUrl === undefined ? undefined : requireQueueUrl('queueUrl', queueUrl),
  };
}

function deadLetterOf({ client, deadLetterQueueUrl, deadLetter }: SqsConsumerOptions) {
  if (client === undefined || deadLetterQueueUrl === undefined) return deadLetter;
  const QueueUrl = requireQueueUrl('deadLetterQueueUrl', deadLetterQueueUrl);
  return ({ message, delivery }: DeadLetter) => {
    const MessageBody = String(message);
    if (!isFifo(QueueUrl)) return client.sendMessage({ QueueUrl, MessageBody });
    const id = delivery?.id ?? crypto.randomUUID();
    return client.sendMessage({ QueueUrl, MessageBody, MessageGroupId: id, MessageDeduplicationId: id });
  };
}
