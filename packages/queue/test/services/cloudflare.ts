import { dirname } from 'node:path';
import { build } from 'esbuild';
import { Miniflare, type QueueConsumerOptionsSchema, Response } from 'miniflare';
import { onTestFinished } from 'vitest';

/** How a queue is consumed: the fields of `queues.consumers` of a Worker's configuration. */
type ConsumerOptions = typeof QueueConsumerOptionsSchema._input;

/** A class of Durable Objects, with SQLite by default. */
interface ObjectOptions {
  readonly className: string;
  readonly useSQLite?: boolean;
}

export interface WorkerUnderTest {
  /** The Worker's file. */
  readonly entry: string;
  readonly bindings: Readonly<Record<string, string>>;
  /** The queues that the Worker sends to, by the name of the binding. */
  readonly producers?: Readonly<Record<string, string>>;
  readonly consumers?: Readonly<Record<string, ConsumerOptions>>;
  /** Classes of Durable Objects, by the name of the binding. */
  readonly objects?: Readonly<Record<string, ObjectOptions>>;
  /** The folder of the objects' databases. Defaults to one that is deleted after the test. */
  readonly objectsPath?: string;
  /** Compatibility flags, such as `nodejs_compat` for Node's modules. */
  readonly flags?: readonly string[];
  /** Buckets of R2, by the name of the binding. */
  readonly buckets?: Readonly<Record<string, string>>;
  /** Called by the Worker's handlers through the binding `CRM`. What it throws is answered 500. */
  readonly crm?: (body: string) => unknown;
}

interface RunningWorker {
  readonly url: string;
  readonly miniflare: Miniflare;
}

/**
 * Bundles a Worker as wrangler does, and runs it with its queues and objects in workerd. Returns its URL.
 * @param atEnd is given what ends it. Defaults to `onTestFinished`
 */
export async function startWorker(
  worker: WorkerUnderTest,
  atEnd: (dispose: () => Promise<void>) => void = onTestFinished,
): Promise<RunningWorker> {
  const { outputFiles } = await build({
    entryPoints: [worker.entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['@blue-webhooks/source', 'workerd', 'worker', 'browser'],
    external: worker.flags?.includes('nodejs_compat') ? ['node:*'] : [],
    absWorkingDir: dirname(worker.entry),
    logLevel: 'error',
  });
  const miniflare = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-04-01',
    compatibilityFlags: [...(worker.flags ?? [])],
    bindings: { ...worker.bindings },
    queueProducers: { ...worker.producers },
    queueConsumers: { ...worker.consumers },
    r2Buckets: { ...worker.buckets },
    durableObjects: Object.fromEntries(
      Object.entries(worker.objects ?? {}).map(([name, options]) => [name, { useSQLite: true, ...options }]),
    ),
    ...(worker.objectsPath !== undefined && { durableObjectsPersist: worker.objectsPath }),
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
  atEnd(() => miniflare.dispose());
  return { url: `${await miniflare.ready}`, miniflare };
}
