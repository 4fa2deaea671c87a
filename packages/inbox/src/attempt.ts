import { setTimeout as sleep } from 'node:timers/promises';
import { type Receiver, UnrecoverableError } from '@blue-webhooks/core';
import type { FullInboxDelivery } from './delivery';
import { inNeutralContext } from './neutral-context';
import { delayAfter, type Retry } from './retry';
import { type InboxTracing, traceAttempt } from './tracing';
import { within } from './within';

/** How an attempt ended. */
export type AttemptResult =
  | { readonly type: 'succeeded'; readonly durationMs: number }
  | { readonly type: 'retried'; readonly error: unknown; readonly retryAt: Date }
  | { readonly type: 'dead-letter'; readonly error: unknown };

/** Why an attempt is aborted: this process stops, or has lost the lease. */
export type Cut = 'stopped' | 'lost';

/** Stores the names of all handlers that have succeeded. What it throws is ignored. */
export type RecordHandled = (handled: readonly string[]) => unknown;

export interface AttemptSettings {
  readonly timeoutMs: number;
  readonly retry: Retry;
  readonly tracing: InboxTracing | undefined;
}

/** How long a handler may take to end after its signal has aborted, before its delivery is returned. */
const GRACE_MS = 1_000;

/** Runs the handlers of a stored delivery once, in the neutral async context, until they end or are cut short. Never rejects. */
export async function attemptUnlessCut(
  receiver: Receiver,
  delivery: FullInboxDelivery,
  settings: AttemptSettings,
  cutShort: Promise<Cut>,
  recordHandled: RecordHandled = () => {},
): Promise<AttemptResult | Cut> {
  const controller = new AbortController();
  const attempted = inNeutralContext(() => attempt(receiver, delivery, settings, controller, recordHandled));
  const result = await Promise.race([attempted, cutShort]);
  if (result !== 'stopped' && result !== 'lost') return result;
  controller.abort(new DOMException('This process no longer handles the delivery.', 'AbortError'));
  if (result === 'lost') return result;
  const last = await Promise.race([attempted, sleep(GRACE_MS, undefined, { ref: false })]);
  return last?.type === 'succeeded' ? last : result;
}

async function attempt(
  receiver: Receiver,
  delivery: FullInboxDelivery,
  { timeoutMs, retry, tracing }: AttemptSettings,
  controller: AbortController,
  recordHandled: RecordHandled,
): Promise<AttemptResult> {
  const startedAt = performance.now();
  const { id, event, webhookId, rawBody, signature, secretId, receivedAt, attempts, trace } = delivery;
  const stored = { id, rawBody, signature, secretId, receivedAt, attempt: attempts, signal: controller.signal };
  const handled = [...delivery.handled];
  const progress = {
    skip: delivery.handled,
    onHandled: (name: string) => {
      handled.push(name);
      return recordHandled([...handled]);
    },
  };
  try {
    // Attempts are counted when they begin, so that a delivery that kills its process becomes a dead letter, too.
    if (attempts > retry.maxAttempts) throw new UnrecoverableError('The process ended during the last attempt.');
    const run = () =>
      within(timeoutMs, receiver.dispatch(stored, progress), () => {
        const late = new DOMException(`The handlers were still running after ${timeoutMs} ms.`, 'TimeoutError');
        controller.abort(late);
        return late;
      });
    await traceAttempt(tracing, { id, event, webhookId, attempt: attempts, trace }, run);
    return { type: 'succeeded', durationMs: performance.now() - startedAt };
  } catch (error) {
    if (UnrecoverableError.is(error) || attempts >= retry.maxAttempts) return { type: 'dead-letter', error };
    return { type: 'retried', error, retryAt: new Date(Date.now() + delayAfter(attempts, retry)) };
  }
}
