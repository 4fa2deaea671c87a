import { traceAttempts, traceDeliveries } from '@blue-webhooks/core/otel';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, onTestFinished, test } from 'vitest';
import { type InboxTracing, memoryStore, sqliteStore } from '../src/index';
import { eventually, inboxWith, post, signed } from './endpoint';
import { scratchFile } from './scratch';

function startSdk(): InMemorySpanExporter {
  const spans = new InMemorySpanExporter();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  onTestFinished(() => {
    for (const api of [context, trace]) api.disable();
  });
  return spans;
}

test.each([
  ['sqliteStore', () => sqliteStore(scratchFile())],
  ['memoryStore', () => memoryStore()],
])('each attempt on %s is a span of its own, linked to the span of its own receipt', async (_name, open) => {
  const spans = startSdk();
  const tracer = trace.getTracer('the application');
  const { inbox } = inboxWith(
    { store: open(), tracing: traceAttempts(), retry: { firstDelayMs: 5 } },
    ({ attempt }) => {
      tracer.startSpan('work').end();
      if (attempt === 1) throw new RangeError('again');
    },
  );
  const endpoint = traceDeliveries(inbox);
  await inbox.start();
  const sent = await Promise.all([signed(), signed()]);
  for (const one of sent) expect(await post(endpoint, one)).toBe(204);
  await eventually(async () => (await inbox.stats()).done === 2);
  const finished = spans.getFinishedSpans();
  for (const { id } of sent) {
    const of = (name: string) =>
      finished.filter((span) => span.name === name && span.attributes['blue.delivery.id'] === id);
    const [receipt] = of('blue delivery');
    const attempts = of('blue attempt');
    expect(attempts.map(({ attributes }) => attributes['blue.attempt'])).toEqual([1, 2]);
    expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual(['RangeError', undefined]);
    for (const { links, parentSpanContext } of attempts) {
      expect(links.map(({ context: { spanId } }) => spanId)).toEqual([receipt?.spanContext().spanId]);
      expect(parentSpanContext).toBeUndefined();
    }
  }
  const attemptIds = finished.filter(({ name }) => name === 'blue attempt').map((span) => span.spanContext().spanId);
  for (const work of finished.filter(({ name }) => name === 'work')) {
    expect(attemptIds).toContain(work.parentSpanContext?.spanId);
  }
});

test.each<[string, InboxTracing]>([
  ['throws', { capture: fail, attempt: fail }],
  ['rejects', { capture: () => undefined, attempt: () => Promise.reject(new Error('broken')) }],
  ['never runs the attempt', { capture: () => 7 as never, attempt: async () => undefined as never }],
  ['captures too much', { capture: () => 'x'.repeat(1_001), attempt: (_facts, run) => run() }],
  ['runs it twice', { capture: () => '', attempt: (_facts, run) => run().then(() => run()) }],
])('a tracing that %s changes nothing: the handler runs once', async (_what, tracing) => {
  let runs = 0;
  const { inbox } = inboxWith({ store: memoryStore(), tracing }, () => {
    runs += 1;
  });
  await inbox.start();
  const sent = await signed();
  expect(await post(inbox, sent)).toBe(204);
  await eventually(async () => (await inbox.stats()).done === 1);
  expect(runs).toBe(1);
  expect((await inbox.get(sent.id))?.trace).toBeUndefined();
});

function fail(): never {
  throw new Error('broken');
}
