import { SQS } from '@aws-sdk/client-sqs';
import { interceptLocalhostDns, startFauxqs } from 'fauxqs';
import { onTestFinished } from 'vitest';
import type { LambdaContext, SqsHandler, SqsRecord } from '../../src/sqs/index';

/** A queue of a server that speaks the protocol of SQS over HTTP. */
export interface SqsQueue {
  readonly url: string;
  /**
   * Does what Lambda's event source does, once: receives up to 10 messages, runs the function, and deletes those that have not
   * failed. Returns the batch, and the ids of those that failed.
   */
  invoke(handler: SqsHandler, context?: LambdaContext): Promise<{ records: SqsRecord[]; failed: string[] }>;
  /** Returns the texts of the messages that are visible now, and hides them. */
  texts(): Promise<string[]>;
}

/** Starts a server with these queues. It is stopped after the test. */
export async function startSqs(queues: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const server = await startFauxqs({ port: 0, logger: false });
  const client = new SQS({
    endpoint: `http://sqs.us-east-1.localhost:${server.port}`, // the host of the queues' URLs
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  onTestFinished(interceptLocalhostDns());
  let isRunning = true;
  const stop = async () => {
    if (isRunning) await server.stop();
    isRunning = false;
  };
  onTestFinished(async () => {
    client.destroy();
    await stop();
  });

  async function create(name: string, attributes: Readonly<Record<string, string>>): Promise<SqsQueue> {
    const { QueueUrl: url = '' } = await client.createQueue({ QueueName: name, Attributes: { ...attributes } });
    const receive = async () => {
      const request = { QueueUrl: url, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
      return (await client.receiveMessage(request)).Messages ?? [];
    };
    return {
      url,
      async invoke(handler, context) {
        const records = (await receive()).map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }) => ({
          messageId: MessageId,
          receiptHandle: ReceiptHandle,
          body: Body,
          attributes: Attributes,
          eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${name}`,
        }));
        if (records.length === 0) return { records, failed: [] };
        const { batchItemFailures } = await handler({ Records: records }, context);
        const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
        for (const { messageId, receiptHandle } of records) {
          if (!failed.includes(messageId)) {
            await client.deleteMessage({ QueueUrl: url, ReceiptHandle: receiptHandle });
          }
        }
        return { records, failed };
      },
      texts: async () => (await receive()).map(({ Body = '' }) => Body),
    };
  }

  const created: Record<string, SqsQueue> = {};
  for (const [name, attributes] of Object.entries(queues)) created[name] = await create(name, attributes);
  return {
    client,
    stop,
    queue(name: string): SqsQueue {
      const queue = created[name];
      if (!queue) throw new Error(`There is no queue ${name}.`);
      return queue;
    },
  };
}
