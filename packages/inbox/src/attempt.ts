import { type Receiver, UnrecoverableError, WebhookError } from '@blue-webhooks/core';
import { delayAfter, PostponedError, type Retry } from '@blue-webhooks/core/adapter';
import { sleep } from '#runtime';
import type { FullInboxDelivery } from './delivery';
import { inNeutralContext } from './neutral-context';
import { StoreError } from './store-error';
import { type InboxTracing, traceAttempt } from './tracing';
import { provideTransactions } from './transaction';
import { within } from './within';

/** How an attempt ended. */
export type AttemptResult =
  | { readonly type: 'succeeded'; readonly durationMs: number }
  | { readonly type: 'retried'; readonly error: unknown; readonly retryAt: Date }
  | { readonly type: 'postponed'; readonly error: unknown; readonly until: Date }
  | { readonly type: 'dead-letter'; readonly error: unknown };

/** Why an attempt is aborted: this process stops, or has lost the lease. */
export type Cut = 'stopped' | 'lost';

/** What an attempt stores of its handlers. */
export interface Progress {
  /** Stores the names of all handlers that have succeeded. What it throws is ignored. */
  record(handled: readonly string[]): unknown;
  /**
   * Runs work in a transaction, which stores the names as well. Absent where the store has none.
   * @throws what the work threw, or an error that says why nothing was committed
   */
  transaction?(handled: readonly string[], work: (tx: unknown) => unknown, signal: AbortSignal): Promise<void>;
  /** Called if this version has no handler for the event. */
  onUnhandled?(): void;
}

export interface AttemptSettings {
  readonly timeoutMs: number;
  readonly retry: Retry;
  readonly unhandled: 'done' | 'retry';
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
  stored: Progress = { record: () => {} },
): Promise<AttemptResult | Cut> {
  const controller = new AbortController();
  const attempted = inNeutralContext(() => attempt(receiver, delivery, settings, controller, stored));
  const result = await Promise.race([attempted, cutShort]);
  if (result !== 'stopped' && result !== 'lost') return result;
  controller.abort(new DOMException('This process no longer handles the delivery.', 'AbortError'));
  if (result === 'lost') return result;
  const last = await Promise.race([attempted, sleep(GRACE_MS, undefined, { ref: false })]);
  return last?.type === 'succeeded' || last?.type === 'postponed' ? last : result;
}

async function attempt(
  receiver: Receiver,
  delivery: FullInboxDelivery,
  { timeoutMs, retry, unhandled, tracing }: AttemptSettings,
  controller: AbortController,
  progress: Progress,
): Promise<AttemptResult> {
  const startedAt = performance.now();
  const { id, event, webhookId, rawBody, signature, secretId, receivedAt, attempts, trace } = delivery;
  const stored = { id, rawBody, signature, secretId, receivedAt, attempt: attempts, signal: controller.signal };
  const handled = [...delivery.handled];
  /** How many handlers this version has for the event; `undefined` until the body has been read. */
  let handlers: number | undefined;
  const dispatching = {
    skip: delivery.handled,
    onStart(_left: number, registered: number) {
      handlers = registered;
      if (registered === 0) progress.onUnhandled?.();
    },
    onHandled: (name: string) => {
      if (handled.includes(name)) return; // its transaction has stored it
      handled.push(name);
      return progress.record([...handled]);
    },
  };
  provideTransactions(controller.signal, async (name, work) => {
    if (!progress.transaction) throw new Error('This inbox has no transactions.');
    await progress.transaction([...handled, name], work, controller.signal);
    handled.push(name);
  });
  try {
    if (delivery.malformed !== undefined) {
      throw new StoreError('MALFORMED', `The stored delivery cannot be read: ${delivery.malformed}.`);
    }
    // Attempts are counted when they begin, so that a delivery that kills its process becomes a dead letter, too.
    if (attempts > retry.maxAttempts) throw new UnrecoverableError('The process ended during the last attempt.');
    const run = () =>
      within(timeoutMs, receiver.dispatch(stored, dispatching), () => {
        const late = new DOMException(`The handlers were still running after ${timeoutMs} ms.`, 'TimeoutError');
        controller.abort(late);
        return late;
      });
    await traceAttempt(tracing, { id, event, webhookId, attempt: attempts, trace }, run);
    if (handlers === 0 && unhandled === 'retry') {
      throw new StoreError('UNHANDLED', 'This version has no handler for the event.');
    }
    return { type: 'succeeded', durationMs: performance.now() - startedAt };
  } catch (error) {
    if (PostponedError.is(error)) return { type: 'postponed', error, until: new Date(Date.now() + error.afterMs) };
    const isUnreadable = handlers === undefined && (WebhookError.is(error) || StoreError.is(error));
    if (isUnreadable || UnrecoverableError.is(error) || attempts >= retry.maxAttempts)
      return { type: 'dead-letter', error };
    return { type: 'retried', error, retryAt: new Date(Date.now() + delayAfter(attempts, retry)) };
  }
}
