import { dirname } from 'node:path';
import { build } from 'esbuild';
import { Miniflare, type QueueConsumerOptionsSchema, Response } from 'miniflare';
import { onTestFinished } from 'vitest';

/** How a queue is consumed: the fields of `queues.consumers` of a Worker's configuration. */
type ConsumerOptions = typeof QueueConsumerOptionsSchema._input;

export interface WorkerUnderTest {
  /** The Worker's file. */
  readonly entry: string;
  readonly bindings: Readonly<Record<string, string>>;
  /** The queues that the Worker sends to, by the name of the binding. */
  readonly producers: Readonly<Record<string, string>>;
  readonly consumers: Readonly<Record<string, ConsumerOptions>>;
  /** Buckets of R2, by the name of the binding. */
  readonly buckets?: Readonly<Record<string, string>>;
  /** Called by the Worker's handlers through the binding `CRM`. What it throws is answered 500. */
  readonly crm?: (body: string) => unknown;
}

/** Bundles a Worker as wrangler does, and runs it with its queues in workerd until the test is finished. Returns its URL. */
export async function startWorker(worker: WorkerUnderTest): Promise<{ url: string; miniflare: Miniflare }> {
  const { outputFiles } = await build({
    entryPoints: [worker.entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['@blue-webhooks/source', 'workerd', 'worker', 'browser'],
    absWorkingDir: dirname(worker.entry),
    logLevel: 'error',
  });
  const miniflare = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-04-01',
    bindings: { ...worker.bindings },
    queueProducers: { ...worker.producers },
    queueConsumers: { ...worker.consumers },
    r2Buckets: { ...worker.buckets },
    serviceBindings: {
      async CRM(request: { text(): Promise<string> }) {
        try {
          await worker.crm?.(await request.text());
          return new Response(null, { status: 204 });
        } catch {
          return new Response(null, { status: 500 });
        }
      },
    },
  });
  onTestFinished(() => miniflare.dispose());
  return { url: `${await miniflare.ready}`, miniflare };
}
