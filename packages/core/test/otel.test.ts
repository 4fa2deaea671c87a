import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { PostponedError } from '../src/adapter';
import { createReceiver, memoryLedger, type RawDelivery, type Receiver, sign, UnrecoverableError } from '../src/index';
import { countInboxEvents, traceAttempts, traceDeliveries, watchInbox } from '../src/otel';

const secret = 'a secret nobody may see';
const created = JSON.stringify({
  event: 'TODO_CREATED',
  webhook: { id: 'w1' },
  currentValue: { id: '1', title: 'Private' },
});

let spans: InMemorySpanExporter;
let reader: PeriodicExportingMetricReader;
let collected: InMemoryMetricExporter;

beforeEach(() => {
  spans = new InMemorySpanExporter();
  collected = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  reader = new PeriodicExportingMetricReader({ exporter: collected, exportIntervalMillis: 3_600_000 });
});

function startSdk(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
}

afterEach(async () => {
  for (const api of [context, trace, metrics]) api.disable();
  await reader.shutdown().catch(() => {}); // without an SDK it was never begun
});

/** The values of a metric by their attributes; of a histogram, the counts. */
async function valuesOf(name: string): Promise<[object, number][]> {
  collected.reset();
  await reader.forceFlush();
  const found = collected.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return found
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) =>
      dataPoints.map(({ attributes, value }): [object, number] => [
        attributes,
        typeof value === 'number' ? value : value.count,
      ]),
    );
}

async function serve(receiver: Receiver): Promise<string> {
  const handler = traceDeliveries(receiver);
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const header = (name: string) => request.headers[name];
    const outcome = await handler.handle({ method: request.method ?? '', header, body });
    response.writeHead(outcome.status, outcome.headers).end(outcome.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const post = async (url: string, body: string, signature?: string) =>
  (await fetch(url, { method: 'POST', body, headers: { 'x-signature': signature ?? (await sign(body, secret)) } }))
    .status;

test('a delivery over HTTP is a span, in which its handlers run', async () => {
  startSdk();
  const receiver = createReceiver({ secret }).on('TODO_CREATED', () => {
    trace.getTracer('the application').startSpan('work').end();
  });
  expect(await post(await serve(receiver), created)).toBe(204);
  const [work, delivery] = spans.getFinishedSpans();
  expect(work?.parentSpanContext?.spanId).toBe(delivery?.spanContext().spanId);
  expect(delivery).toMatchObject({
    name: 'blue delivery',
    status: { code: 0 },
    attributes: {
      'blue.event': 'TODO_CREATED',
      'blue.delivery.id': (await sign(created, secret)).slice(0, 32),
      'blue.webhook.id': 'w1',
      'http.response.status_code': 204,
    },
  });
});

test('a forgery and a failing handler have different error types, and only the latter is an error of the span', async () => {
  startSdk();
  const receiver = createReceiver({ secret }).on('TODO_CREATED', () => {
    throw new Error('broken');
  });
  const url = await serve(receiver);
  expect(await post(url, created, '0'.repeat(64))).toBe(401);
  expect(await post(url, created)).toBe(500);
  const [forged, failed] = spans.getFinishedSpans();
  expect(forged?.attributes).toEqual({ 'http.response.status_code': 401, 'error.type': 'SIGNATURE_MISMATCH' });
  expect(forged?.status.code).toBe(0);
  expect(failed?.attributes['error.type']).toBe('HANDLER_FAILED');
  expect(failed?.status.code).toBe(2);
  expect(await valuesOf('blue_webhooks.deliveries')).toEqual([
    [{ 'http.response.status_code': 401, 'error.type': 'SIGNATURE_MISMATCH' }, 1],
    [{ 'blue.event': 'TODO_CREATED', 'http.response.status_code': 500, 'error.type': 'HANDLER_FAILED' }, 1],
  ]);
  expect((await valuesOf('blue_webhooks.delivery.duration')).map(([, count]) => count)).toEqual([1, 1]);
  expect(await valuesOf('blue_webhooks.handler.failures')).toEqual([[{ 'blue.event': 'TODO_CREATED' }, 1]]);
  expect(await valuesOf('blue_webhooks.dead_letters')).toEqual([]);
});

test('a delivery whose handler throws UnrecoverableError counts as a dead letter', async () => {
  startSdk();
  const receiver = createReceiver({ secret }).on('TODO_CREATED', () => {
    throw new UnrecoverableError('never');
  });
  expect(await post(await serve(receiver), created)).toBe(204);
  expect(spans.getFinishedSpans()[0]?.status.code).toBe(2);
  expect(await valuesOf('blue_webhooks.dead_letters')).toEqual([[{ 'blue.event': 'TODO_CREATED' }, 1]]);
});

test('a handler of deliveries that rejects ends its span, and rejects', async () => {
  startSdk();
  const handler = traceDeliveries({ handle: () => Promise.reject(new Error('bug')) });
  await expect(handler.handle({} as RawDelivery)).rejects.toThrow('bug');
  expect(spans.getFinishedSpans()[0]?.status.code).toBe(2);
});

test('nothing of the body, the secret or the signature is recorded', async () => {
  startSdk();
  expect(await post(await serve(createReceiver({ secret })), created)).toBe(204);
  await valuesOf('blue_webhooks.deliveries');
  const recorded = JSON.stringify([
    spans.getFinishedSpans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    collected.getMetrics(),
  ]);
  expect(recorded).toContain('TODO_CREATED');
  for (const secretive of ['Private', secret, await sign(created, secret)]) expect(recorded).not.toContain(secretive);
});

test('without an SDK nothing is recorded and everything is answered; one that starts later is used', async () => {
  const handler = traceDeliveries(createReceiver({ secret }));
  const request = async () =>
    new Request('https://example.com', {
      method: 'POST',
      body: created,
      headers: { 'x-signature': await sign(created, secret) },
    });
  startSdk();
  expect((await handler.fetch(await request())).status).toBe(204);
  expect((await valuesOf('blue_webhooks.deliveries'))[0]?.[1]).toBe(1);
  for (const api of [context, trace, metrics]) api.disable();
  const untraced = traceDeliveries(createReceiver({ secret }));
  expect((await untraced.fetch(await request())).status).toBe(204);
  expect(spans.getFinishedSpans()).toHaveLength(1);
});

test("an inbox's handlers are counted, and names that are not Blue's make no series of their own", async () => {
  startSdk();
  const onEvent = countInboxEvents();
  const delivery = { event: 'TODO_MOVED', receivedAt: new Date(Date.now() - 2_000) };
  onEvent({ type: 'started', delivery, attempt: 1 });
  onEvent({ type: 'retried', delivery, attempt: 1 });
  onEvent({ type: 'postponed', delivery, attempt: 2 });
  onEvent({ type: 'started', delivery, attempt: 2 });
  onEvent({ type: 'dead-letter', delivery, attempt: 2 });
  onEvent({ type: 'dead-letter', delivery: { ...delivery, event: 'constructor' }, attempt: 1 });
  onEvent({ type: 'not-durable' });
  expect(await valuesOf('blue_webhooks.inbox.wait')).toEqual([[{ 'blue.event': 'TODO_MOVED' }, 1]]);
  expect(await valuesOf('blue_webhooks.handler.failures')).toEqual([
    [{ 'blue.event': 'TODO_MOVED' }, 2],
    [{ 'blue.event': 'UNKNOWN' }, 1],
  ]);
  expect(await valuesOf('blue_webhooks.handler.postponements')).toEqual([[{ 'blue.event': 'TODO_MOVED' }, 1]]);
  expect(await valuesOf('blue_webhooks.dead_letters')).toEqual([
    [{ 'blue.event': 'TODO_MOVED' }, 1],
    [{ 'blue.event': 'UNKNOWN' }, 1],
  ]);
});

test('the depth of an inbox is observed until that is ended', async () => {
  startSdk();
  let waiting = 3;
  let oldestWaitingMs: number | undefined = 2_500;
  const limits = [{ openSince: undefined }, { openSince: new Date() }, { openSince: new Date() }];
  const stop = watchInbox({ stats: async () => ({ waiting, dead: 1, oldestWaitingMs, limits }) });
  expect(await valuesOf('blue_webhooks.inbox.deliveries')).toEqual([
    [{ 'blue.inbox.state': 'waiting' }, 3],
    [{ 'blue.inbox.state': 'dead' }, 1],
  ]);
  expect(await valuesOf('blue_webhooks.inbox.oldest_waiting')).toEqual([[{}, 2.5]]);
  expect(await valuesOf('blue_webhooks.inbox.open_breakers')).toEqual([[{}, 2]]);
  waiting = 4;
  oldestWaitingMs = undefined;
  expect((await valuesOf('blue_webhooks.inbox.deliveries'))[0]?.[1]).toBe(4);
  expect(await valuesOf('blue_webhooks.inbox.oldest_waiting')).toEqual([[{}, 0]]);
  stop();
  waiting = 5;
  const after = await valuesOf('blue_webhooks.inbox.deliveries');
  expect(after.map(([, deliveries]) => deliveries)).not.toContain(5);
});

test('traceAttempts links the span of an attempt to the receipt, and makes it the root of a trace of its own', async () => {
  startSdk();
  const tracing = traceAttempts();
  const tracer = trace.getTracer('the application');
  expect(tracing.capture()).toBeUndefined();
  const received = tracer.startActiveSpan('receipt', (span) => {
    const captured = tracing.capture();
    span.end();
    return captured;
  });
  const facts = { id: 'd1', event: 'TODO_CREATED', webhookId: 'w1', attempt: 2, trace: received };
  await tracer.startActiveSpan('another request', async (span) => {
    const ran = tracing.attempt(facts, async () => void tracer.startSpan('work').end());
    await ran;
    span.end();
  });
  const failing = tracing.attempt({ ...facts, event: 'SOMETHING_NEW', trace: 'nonsense' }, () =>
    Promise.reject(new RangeError('Private')),
  );
  await expect(failing).rejects.toThrow(RangeError);
  const [receipt, work, attempt, , failed] = spans.getFinishedSpans();
  const { traceId, spanId } = receipt?.spanContext() ?? {};
  expect(received).toBe(`00-${traceId}-${spanId}-01`);
  expect(work?.parentSpanContext?.spanId).toBe(attempt?.spanContext().spanId);
  expect(attempt).toMatchObject({
    name: 'blue attempt',
    status: { code: 0 },
    links: [{ context: { traceId, spanId } }],
    attributes: { 'blue.event': 'TODO_CREATED', 'blue.delivery.id': 'd1', 'blue.webhook.id': 'w1', 'blue.attempt': 2 },
  });
  expect(attempt?.parentSpanContext).toBeUndefined();
  expect(attempt?.spanContext().traceId).not.toBe(traceId);
  expect(failed).toMatchObject({
    links: [],
    status: { code: 2 },
    attributes: { 'blue.event': 'UNKNOWN', 'error.type': 'RangeError' },
  });
  expect(inspect(failed, { depth: null })).not.toContain('Private');
});

test('the span of a postponed attempt is not an error', async () => {
  startSdk();
  const facts = { id: 'd1', event: 'TODO_CREATED', webhookId: undefined, attempt: 1, trace: undefined };
  const postponed = traceAttempts().attempt(facts, () => Promise.reject(new PostponedError(1_000)));
  await expect(postponed).rejects.toThrow(PostponedError);
  const [span] = spans.getFinishedSpans();
  expect(span).toMatchObject({ status: { code: 0 }, attributes: { 'blue.attempt.postponed': true } });
  expect(span?.attributes).not.toHaveProperty('error.type');
});

test('traceAttempts without an SDK captures nothing, and runs the attempt', async () => {
  const tracing = traceAttempts();
  expect(tracing.capture()).toBeUndefined();
  const facts = { id: 'd1', event: 'TODO_CREATED', webhookId: undefined, attempt: 1, trace: undefined };
  expect(await tracing.attempt(facts, async () => 'the result')).toBe('the result');
});

test('a recognised delivery is marked as a duplicate, and its failure and its dead letter count once', async () => {
  startSdk();
  const receiver = createReceiver({ secret, ledger: memoryLedger(), deadLetter: () => {} }).on(
    'TODO_CREATED',
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error('broken');
    },
  );
  const handler = traceDeliveries(receiver);
  const signature = await sign(created, secret);
  const header = (name: string) => (name === 'x-signature' ? signature : undefined);
  const raw: RawDelivery = { method: 'POST', header, body: new TextEncoder().encode(created) };
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => handler.handle(raw)));
  expect(outcomes.filter(({ status }) => status === 204)).toHaveLength(3);
  expect(outcomes.filter(({ duplicate }) => duplicate)).toHaveLength(5);
  expect(spans.getFinishedSpans().filter((span) => span.attributes['blue.delivery.duplicate'])).toHaveLength(5);
  expect(await valuesOf('blue_webhooks.handler.failures')).toEqual([[{ 'blue.event': 'TODO_CREATED' }, 1]]);
  expect(await valuesOf('blue_webhooks.dead_letters')).toEqual([[{ 'blue.event': 'TODO_CREATED' }, 1]]);
  const recognised = (await valuesOf('blue_webhooks.deliveries')).filter(
    ([attributes]) => 'blue.delivery.duplicate' in attributes,
  );
  expect(recognised.reduce((sum, [, count]) => sum + count, 0)).toBe(5);
});
