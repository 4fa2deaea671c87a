import { type Ledger, type Receiver, UnrecoverableError } from '@blue-webhooks/core';
import {
  type DeliveryFacts,
  DriverError,
  delayAfter,
  PostponedError,
  type RetryOptions,
  requireFunctions,
  requireReceiver,
  retryOf,
  within,
} from '@blue-webhooks/core/adapter';
import { attempt } from './attempt';
import { claimsOf } from './ledger-use';
import { decode, type MessageContent } from './message';
import { getBody, type Offload, requireOffload } from './offload';
import { QueueError } from './queue-error';
import { createReporter, type DeadReason, type HandledMessage, type QueueHooks } from './queue-event';
import { requireOptions, timeoutOf } from './settings';

/** What becomes of a message. */
export type QueueResult =
  /** It is finished: acknowledge it. */
  | { readonly type: 'done' }
  /** It has to be delivered again, in that many milliseconds. */
  | { readonly type: 'retry'; readonly afterMs: number }
  /** No attempt will follow. `isStored`: `deadLetter` has it, acknowledge it; otherwise leave it to the queue's dead letter queue. */
  | { readonly type: 'dead'; readonly reason: DeadReason; readonly isStored: boolean };

/** A message that is dead, for `deadLetter`. */
export interface DeadLetter {
  /** The message as it was received. Sent to the queue again, it runs again. */
  readonly message: unknown;
  readonly reason: DeadReason;
  /** What the last attempt threw. */
  readonly error: unknown;
  /** `undefined` if the message cannot be read. */
  readonly delivery: DeliveryFacts | undefined;
}

/** How messages are handled, whatever the queue. */
export interface QueueConsumerOptions extends QueueHooks {
  /** Has the handlers. Its secret is not used: a message was verified before it was sent. */
  readonly receiver: Receiver;
  /**
   * When failed attempts are retried, and how often: the queue's own limit must be higher. A handler that throws `RetryLater` of
   * `@blue-webhooks/inbox` sets the delay itself. Defaults to 24 attempts within about 15 hours.
   */
  readonly retry?: RetryOptions | undefined;
  /**
   * How long an attempt may take, in milliseconds. Then its `delivery.signal` aborts and the attempt has failed, even if the
   * handler continues. Defaults to 60,000; choose less than the time that the queue gives a consumer.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Recognises deliveries that the queue delivers twice: `redisLedger(client)`, or `postgresLedger(pool)` of `@blue-webhooks/inbox/postgres`.
   * Defaults to none: they run twice.
   */
  readonly ledger?: Ledger | undefined;
  /** Where the producer stores bodies that the queue does not take. Pass the same to both. */
  readonly offload?: Offload | undefined;
  /**
   * What happens to an event for which this version has no handler: `'done'`, or `'retry'` until a newer version has one, for
   * deployments that update the producer first. An event outside the receiver's `projects` has no handler either. Both are
   * reported as `unhandled`. Defaults to `'done'`.
   */
  readonly unhandled?: 'done' | 'retry' | undefined;
  /**
   * Stores a dead message: in a table, or a second queue. Awaited for at most 10 seconds; if it fails, the message is retried.
   * Defaults to none: the message is left to the queue's own dead letter queue, so configure one.
   */
  readonly deadLetter?: ((letter: DeadLetter) => unknown) | undefined;
  /**
   * Called for each message that is dead. What it throws is ignored, and a promise is awaited for at most 5 seconds. Without
   * `deadLetter` it is called again each time the queue delivers the message again.
   */
  readonly onDeadLetter?: ((delivery: DeliveryFacts | undefined, error: unknown) => unknown) | undefined;
}

/** What the queue says about a message. */
export interface MessageContext {
  /** How often the queue has delivered the message, from 1. Without it, a message is retried without end. */
  readonly attempts?: number | undefined;
  /** The queue's id of the message, for `onEvent`. */
  readonly messageId?: string | undefined;
  /** How long this attempt may take, in milliseconds, if that is less than `timeoutMs`. */
  readonly timeoutMs?: number | undefined;
}

/** Handles the messages of a queue. */
export interface QueueConsumer {
  /** Handles a message: its text, or its parsed JSON. Never rejects. Needs no `this`. */
  consume(message: unknown, context?: MessageContext): Promise<QueueResult>;
}

const DEAD_LETTER_WITHIN_MS = 10_000;
const DELETE_WITHIN_MS = 5_000;
const HOOKS_WITHIN_MS = 5_000;
/** Codes with which no further attempt can succeed. */
const finalCodes: ReadonlySet<QueueError['code']> = new Set([
  'NOT_A_DELIVERY',
  'MALFORMED',
  'BODY_CHANGED',
  'ENDED_EARLY',
]);

/**
 * Creates the handling side of a queue: reads a message of `createQueueProducer`, runs the handlers, and returns what to do with
 * the message.
 *
 * @example
 * const { consume } = createQueueConsumer({ receiver, deadLetter: ({ message }) => deadLetters.send(message) });
 * const result = await consume(message.text, { attempts: message.deliveryCount });
 * @throws TypeError for an invalid option
 */
export function createQueueConsumer(options: QueueConsumerOptions): QueueConsumer {
  requireOptions('createQueueConsumer({ receiver })', options);
  const receiver = requireReceiver(options.receiver);
  const { deadLetter, onDeadLetter, unhandled = 'done' } = options;
  requireFunctions({ deadLetter, onDeadLetter });
  if (unhandled !== 'done' && unhandled !== 'retry') throw new TypeError("unhandled must be 'done' or 'retry'.");
  const retry = retryOf(options.retry);
  const timeoutMs = timeoutOf(options.timeoutMs);
  const offload = requireOffload(options.offload);
  const claim = claimsOf(options.ledger);
  const reportEvent = createReporter(options);
  const reportDeadLetter = createReporter({
    onEvent: (event) => event.type === 'dead-letter' && onDeadLetter?.(event.delivery, event.error),
  });

  async function consume(message: unknown, given?: MessageContext): Promise<QueueResult> {
    const context = given ?? {}; // also for null, from plain JavaScript
    const hooks: Promise<unknown>[] = [];
    const keep = (work: Promise<unknown>) => hooks.push(work);
    const { messageId } = context;
    const attempts = Number.isSafeInteger(context.attempts) ? context.attempts : undefined;
    const unread: HandledMessage = { delivery: undefined, messageId, attempt: attempts };
    let result: QueueResult;
    try {
      result = await handle(decode(message));
    } catch (error) {
      result = await fail(unread, error);
    }
    // A function that has returned is frozen, or ended.
    if (hooks.length > 0) await within(HOOKS_WITHIN_MS, Promise.all(hooks), () => new Error()).catch(() => {});
    return result;

    async function handle(content: MessageContent): Promise<QueueResult> {
      const { delivery } = content;
      const handled: HandledMessage = { delivery, messageId, attempt: attempts };
      const claimed = await claim(delivery.id, (error) =>
        reportEvent({ type: 'ledger-failed', error, ...handled }, keep),
      );
      if (claimed.state === 'done') {
        reportEvent({ type: 'duplicate', ...handled }, keep);
        return { type: 'done' };
      }
      if (claimed.state === 'held') {
        const retryAt = new Date(Date.now() + claimed.leaseMs);
        reportEvent({ type: 'held', retryAt, ...handled }, keep);
        return { type: 'retry', afterMs: claimed.leaseMs };
      }
      const outcome = await work(content, handled, claimed.leaseToken);
      await claimed.conclude(outcome.type === 'done');
      if (outcome.type === 'done') await deleteBody(content);
      return outcome;
    }

    async function work(
      content: MessageContent,
      handled: HandledMessage,
      leaseToken: string | undefined,
    ): Promise<QueueResult> {
      const { delivery, signature, secretId, body } = content;
      // The queue counts an attempt when it begins, so that a delivery that kills its process becomes a dead letter, too.
      if (attempts !== undefined && attempts > retry.maxAttempts) {
        return fail(handled, new QueueError('ENDED_EARLY', 'The process ended during the last attempt.'));
      }
      const maxMs = Math.min(timeoutMs, context.timeoutMs ?? timeoutMs);
      let rawBody: string;
      try {
        const late = () => new QueueError('TIMEOUT', 'The offloaded body was not read in time.');
        rawBody = typeof body === 'string' ? body : await within(maxMs, getBody(offload, body), late);
      } catch (error) {
        return fail(handled, error);
      }
      const startedAt = performance.now();
      reportEvent({ type: 'started', ...handled }, keep);
      const { id, receivedAt } = delivery;
      const stored = { id, rawBody, signature, secretId, receivedAt, attempt: attempts, leaseToken };
      const end = await attempt(receiver, stored, maxMs);
      const isHealthCheck = delivery.event === 'WEBHOOK_HEALTH_CHECK';
      if (end.handlers === 0 && !isHealthCheck) {
        reportEvent({ type: 'unhandled', ...handled }, keep);
        if (unhandled === 'retry') {
          return fail(handled, new QueueError('UNHANDLED', 'This version has no handler for the event.'));
        }
      }
      // Handlers observe a health check. What they throw is reported to the receiver's `onFailure`.
      if (end.failed && !(isHealthCheck && end.handlers !== undefined)) return fail(handled, end.error);
      reportEvent({ type: 'succeeded', durationMs: performance.now() - startedAt, ...handled }, keep);
      return { type: 'done' };
    }

    async function fail(handled: HandledMessage, error: unknown): Promise<QueueResult> {
      const isFinal = UnrecoverableError.is(error) || (QueueError.is(error) && finalCodes.has(error.code));
      const isLast = attempts !== undefined && attempts >= retry.maxAttempts;
      // A handler that asks for a time gets it; the queue counts the attempt nevertheless.
      const afterMs = PostponedError.is(error) ? error.afterMs : delayAfter(attempts ?? 1, retry);
      if (!isFinal && !isLast) {
        reportEvent({ type: 'retried', error, retryAt: new Date(Date.now() + afterMs), ...handled }, keep);
        return { type: 'retry', afterMs };
      }
      const reason = reasonOf(error);
      try {
        await storeDead({ message, reason, error, delivery: handled.delivery });
      } catch (failure) {
        reportEvent({ type: 'store-failed', delivery: handled.delivery, error: failure }, keep);
        return { type: 'retry', afterMs };
      }
      const isStored = deadLetter !== undefined;
      const event = { type: 'dead-letter', error, reason, isStored, ...handled } as const;
      reportEvent(event, keep);
      reportDeadLetter(event, keep);
      return { type: 'dead', reason, isStored };
    }

    async function deleteBody({ body }: MessageContent): Promise<void> {
      if (typeof body === 'string' || !offload?.delete) return;
      const remove = async () => offload.delete?.(body.key);
      const late = () => new QueueError('TIMEOUT', 'The storage did not respond in time.');
      try {
        await within(DELETE_WITHIN_MS, remove(), late);
      } catch (error) {
        const { message: why } = DriverError.from(error);
        reportEvent({ type: 'warning', reason: `The offloaded body of a done delivery was not deleted: ${why}` }, keep);
      }
    }
  }

  async function storeDead(letter: DeadLetter): Promise<void> {
    if (!deadLetter) return;
    const late = () => new QueueError('TIMEOUT', 'deadLetter did not finish in time.');
    await within(DEAD_LETTER_WITHIN_MS, (async () => deadLetter(letter))(), late);
  }

  return { consume };
}

function reasonOf(error: unknown): DeadReason {
  if (QueueError.is(error)) return error.code;
  return UnrecoverableError.is(error) ? 'UNRECOVERABLE' : 'ATTEMPTS_EXHAUSTED';
}
