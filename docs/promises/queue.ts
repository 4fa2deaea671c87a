import type { DocumentedPromise } from './documented-promise';

export const queue: readonly DocumentedPromise[] = [
  {
    says: '**A forged delivery never reaches the queue.**',
    document: 'packages/queue/README.md',
    file: 'packages/queue/test/producer.test.ts',
    test: 'answers 204 when the queue has confirmed a genuine delivery, and sends no forged one',
    broken: {
      file: 'packages/queue/src/producer.ts',
      from: 'code: error.code, durationMs',
      to: 'code: undefined, durationMs',
    },
  },
  {
    says: '**204 means that the queue has confirmed the message.**',
    document: 'packages/queue/README.md',
    file: 'packages/queue/test/producer.test.ts',
    test: 'answers 503 and reports a redacted error when the queue fails',
    broken: {
      file: 'packages/queue/src/producer.ts',
      from: 'await send({ body, bytes, delivery, signal });',
      to: 'void (async () => send({ body, bytes, delivery, signal }))().catch(() => {});',
    },
  },
  {
    says: 'Otherwise the producer answers 503 (`STORE_UNAVAILABLE`) within 6.8 seconds, and Blue sends the delivery again.',
    document: 'packages/queue/README.md',
    file: 'packages/queue/test/producer.test.ts',
    test: 'answers 503 before 6.9 seconds when the queue does not respond, and aborts the signal of the message',
    broken: {
      file: 'packages/queue/src/producer.ts',
      from: 'const ANSWER_WITHIN_MS = 6_500;',
      to: 'const ANSWER_WITHIN_MS = 7_500;',
    },
  },
  {
    says: 'With a `ledger` (`redisLedger(client)`) the consumer handles a delivery once;',
    document: 'packages/queue/README.md',
    file: 'packages/queue/test/consumer.test.ts',
    test: 'a message that the queue delivers twice runs once',
    broken: {
      file: 'packages/queue/src/ledger-use.ts',
      from: `if (answer.state === 'done') return answer;`,
      to: `if (answer.state === 'done') return unshared;`,
    },
  },
  {
    says: 'Handlers that outlast `timeoutMs` keep the delivery until they have settled',
    document: 'packages/queue/README.md',
    file: 'packages/queue/test/consumer.test.ts',
    test: 'handlers that outlast timeoutMs keep the delivery until they',
    broken: {
      file: 'packages/queue/src/consumer.ts',
      from: 'if (end.late) claimed.keepFor(end.late);',
      to: '',
    },
  },
  {
    says: 'It never rejects, so a bad message cannot make the consumer crash again and again.',
    document: 'packages/queue/README.md',
    file: 'packages/queue/test/consumer.test.ts',
    test: 'a handler and a deadLetter that throw a hostile object are a failed attempt',
    broken: {
      file: 'packages/queue/src/consumer.ts',
      from: '      } catch (failure) {\n        reportEvent',
      to: '      } catch (failure) {\n        throw failure;\n        reportEvent',
    },
  },
  {
    says: 'Neither receives a secret, a signature or a part of a body.',
    document: 'packages/queue/README.md',
    file: 'packages/queue/test/producer.test.ts',
    test: 'answers 503 and reports a redacted error when the queue fails',
    broken: {
      file: 'packages/queue/src/queue-event.ts',
      from: 'if (!QueueError.is(error)) return DriverError.from(error);',
      to: 'if (!QueueError.is(error)) return error as QueueError;',
    },
  },
];
