import {
  type BatchObservableCallback,
  context,
  type Histogram,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { DeliveryHandler, Outcome } from './delivery';
import { isEventName } from './events';
import { type FetchRequest, toRawDelivery, toResponse } from './fetch';

export { type AttemptTracing, type TracedAttempt, traceAttempts } from './otel/trace-attempts';

/** A delivery handler whose deliveries are traced and counted. */
export interface TracedHandler extends DeliveryHandler {
  /** Answers a Fetch request, as `receiver.fetch` does. Needs no `this`. */
  fetch(request: FetchRequest, ...context: readonly unknown[]): Promise<Response>;
}

const SCOPE = '@blue-webhooks/core';
/** In seconds, up to the 7 after which Blue times out. */
const ANSWER_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7];
/** In seconds, up to the 15 hours of an inbox's retries. */
const WAIT_SECONDS = [0.01, 0.1, 1, 10, 60, 600, 3_600, 14_400, 57_600];

/**
 * Gives every delivery a span, in which its handlers run, and counts what became of it. Takes a receiver or an inbox, and
 * stands in its place: `app.post('/webhooks/blue', blueWebhook(traceDeliveries(receiver)))`. Without an OpenTelemetry SDK it
 * costs next to nothing and does nothing. Nothing of a body, a signature or a secret is recorded.
 *
 * Spans: `blue delivery`, with `blue.event`, `blue.delivery.id`, `blue.webhook.id`, `http.response.status_code`, `error.type` (the
 * failure's code), and `blue.delivery.duplicate` where no handler ran because the delivery was recognised. Metrics: `blue_webhooks.deliveries`, `blue_webhooks.delivery.duration` in seconds, `blue_webhooks.handler.failures`,
 * `blue_webhooks.dead_letters`.
 */
export function traceDeliveries(handler: DeliveryHandler): TracedHandler {
  const count = later(createDeliveryMetrics);

  async function handle(raw: Parameters<DeliveryHandler['handle']>[0]): Promise<Outcome> {
    const span = trace.getTracer(SCOPE).startSpan('blue delivery', { kind: SpanKind.CONSUMER });
    try {
      const outcome = await context.with(trace.setSpan(context.active(), span), () => handler.handle(raw));
      describe(span, outcome);
      count()(outcome);
      return outcome;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  return { handle, fetch: async (request, ...context) => toResponse(await handle(toRawDelivery(request, ...context))) };
}

function describe(span: Span, { event, deliveryId, webhookId, status, code, duplicate }: Outcome): void {
  if (event !== undefined) span.setAttribute('blue.event', event);
  if (deliveryId !== undefined) span.setAttribute('blue.delivery.id', deliveryId);
  if (webhookId !== undefined) span.setAttribute('blue.webhook.id', webhookId);
  span.setAttribute('http.response.status_code', status);
  if (duplicate) span.setAttribute('blue.delivery.duplicate', true);
  if (code !== undefined) span.setAttribute('error.type', code);
  // What a sender got wrong is not this server's error (OpenTelemetry's semantic conventions for HTTP spans).
  if (status >= 500 || isGivenUp({ status, code })) span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Acknowledged in spite of a failure: it is with the dead letters, or its handler said that trying again cannot help. */
const isGivenUp = ({ status, code }: Pick<Outcome, 'status' | 'code'>) => status === 204 && code !== undefined;

function createDeliveryMetrics(): (outcome: Outcome) => void {
  const meter = metrics.getMeter(SCOPE);
  const deliveries = meter.createCounter('blue_webhooks.deliveries', { unit: '{delivery}' });
  const duration = secondsIn('blue_webhooks.delivery.duration', ANSWER_SECONDS);
  const failures = createFailureMetrics();
  return (outcome) => {
    const { event, status, code, duplicate, durationMs } = outcome;
    const attributes = {
      ...(event !== undefined && { 'blue.event': event }),
      'http.response.status_code': status,
      ...(code !== undefined && { 'error.type': code }),
      ...(duplicate && { 'blue.delivery.duplicate': true }),
    };
    deliveries.add(1, attributes);
    duration.record(durationMs / 1_000, attributes);
    if (event === undefined) return;
    if (!duplicate && (code === 'HANDLER_FAILED' || code === 'DEADLINE_EXCEEDED')) failures.failed(event);
    if (isGivenUp(outcome)) failures.died(event);
  };
}

function createFailureMetrics(): { failed(event: string): void; died(event: string): void } {
  const meter = metrics.getMeter(SCOPE);
  const failed = meter.createCounter('blue_webhooks.handler.failures', { unit: '{failure}' });
  const died = meter.createCounter('blue_webhooks.dead_letters', { unit: '{delivery}' });
  return {
    failed: (event) => failed.add(1, { 'blue.event': event }),
    died: (event) => died.add(1, { 'blue.event': event }),
  };
}

/** What is used of an inbox's events; `InboxEvent` of `@blue-webhooks/inbox` fits. */
export type MeasuredInboxEvent =
  | {
      readonly type: 'started' | 'retried' | 'postponed' | 'dead-letter';
      readonly delivery: { readonly event: string; readonly receivedAt: Date };
      readonly attempt: number;
    }
  | { readonly type: string };

/**
 * Counts what an inbox's handlers do, for its option `onEvent`: `createInbox({ …, onEvent: countInboxEvents() })`. Metrics:
 * `blue_webhooks.inbox.wait`, the seconds from receipt to the first attempt; `blue_webhooks.handler.failures`; `blue_webhooks.dead_letters`;
 * `blue_webhooks.handler.postponements`, attempts that do not count: those that a handler ended with `RetryLater`, or that failed while a
 * breaker was open.
 */
export function countInboxEvents(): (event: MeasuredInboxEvent) => void {
  const metricsOf = later(() => ({
    wait: secondsIn('blue_webhooks.inbox.wait', WAIT_SECONDS),
    postponements: metrics.getMeter(SCOPE).createCounter('blue_webhooks.handler.postponements', { unit: '{attempt}' }),
    ...createFailureMetrics(),
  }));
  return (happened) => {
    if (!('delivery' in happened)) return;
    const { type, delivery, attempt } = happened;
    const { wait, postponements, failed, died } = metricsOf();
    const event = isEventName(delivery.event) ? delivery.event : 'UNKNOWN'; // whatever came may not become a series of its own
    if (type === 'started' && attempt === 1)
      wait.record((Date.now() - delivery.receivedAt.getTime()) / 1_000, { 'blue.event': event });
    if (type === 'postponed') postponements.add(1, { 'blue.event': event });
    if (type === 'retried' || type === 'dead-letter') failed(event);
    if (type === 'dead-letter') died(event);
  };
}

/**
 * Observes how many deliveries an inbox holds in each state, as often as the SDK collects: the gauge
 * `blue_webhooks.inbox.deliveries` with `blue.inbox.state`; and the age of the oldest waiting delivery in seconds, 0 if none waits:
 * the gauge `blue_webhooks.inbox.oldest_waiting`; and how many breakers of its limits are open: the gauge
 * `blue_webhooks.inbox.open_breakers`. Returns what ends it. Start the SDK first.
 */
export function watchInbox(inbox: { stats(): Promise<MeasuredStats> }): () => void {
  const meter = metrics.getMeter(SCOPE);
  const held = meter.createObservableGauge('blue_webhooks.inbox.deliveries', { unit: '{delivery}' });
  const oldest = meter.createObservableGauge('blue_webhooks.inbox.oldest_waiting', { unit: 's' });
  const open = meter.createObservableGauge('blue_webhooks.inbox.open_breakers', { unit: '{breaker}' });
  const gauges = [held, oldest, open];
  const observe: BatchObservableCallback = async (result) => {
    const { oldestWaitingMs, limits = [], ...states } = await inbox.stats();
    for (const [state, deliveries] of Object.entries(states)) {
      if (deliveries !== undefined) result.observe(held, deliveries, { 'blue.inbox.state': state });
    }
    result.observe(oldest, (oldestWaitingMs ?? 0) / 1_000);
    result.observe(open, limits.filter(({ openSince }) => openSince).length);
  };
  meter.addBatchObservableCallback(observe, gauges);
  return () => meter.removeBatchObservableCallback(observe, gauges);
}

/** What is used of an inbox's `stats()`: how many deliveries are in each state, the age of the oldest that waits, and open breakers. */
export type MeasuredStats = {
  readonly [State in 'held' | 'waiting' | 'active' | 'done' | 'skipped' | 'dead']?: number | undefined;
} & {
  readonly oldestWaitingMs?: number | undefined;
  readonly limits?: readonly { readonly openSince?: Date | undefined }[] | undefined;
};

function secondsIn(name: string, explicitBucketBoundaries: number[]): Histogram {
  return metrics.getMeter(SCOPE).createHistogram(name, { unit: 's', advice: { explicitBucketBoundaries } });
}

/** Made when it is first needed: metrics that are made before an SDK has started stay without effect. */
function later<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
