import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';

/** A Worker's source and its environment. */
export interface Worker {
  /** The Worker's file. Its imports are resolved from there. */
  readonly entry: string;
  /** The Worker's secrets and variables. */
  readonly bindings?: Readonly<Record<string, string>>;
  /** Compatibility flags, such as `nodejs_compat` for Node's modules. */
  readonly flags?: readonly string[];
  /** Export conditions in addition to those of workerd. */
  readonly conditions?: readonly string[];
}

const launcher = createRequire(createRequire(import.meta.url).resolve('workerd'));
const { default: binary } = launcher('workerd') as { default: string };

/** Quotes a string for Cap'n Proto, which uses the syntax of JSON. */
const text = (value: string) => JSON.stringify(value);

function configuration({ bindings = {}, flags = [] }: Worker): string {
  const named = Object.entries(bindings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = [${flags.map(text).join(', ')}],
  bindings = [${named.join(', ')}],
);
`;
}

/**
 * Bundles a Worker as wrangler does, and serves it with workerd on a free port of this machine until it is closed.
 * @throws Error with workerd's output, if it does not start
 */
export async function serveWorker(worker: Worker): Promise<{ url: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'blue-webhooks-workerd-'));
  await build({
    entryPoints: [worker.entry],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser', ...(worker.conditions ?? [])],
    external: worker.flags?.includes('nodejs_compat') ? ['node:*'] : [],
    absWorkingDir: dirname(worker.entry),
    logLevel: 'error',
  });
  await writeFile(join(folder, 'worker.capnp'), configuration(worker));

  const child = spawn(binary, ['serve', '--control-fd=3', join(folder, 'worker.capnp')], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let said = '';
  for (const stream of [child.stdout, child.stderr] as Readable[]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
  }
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const port = await Promise.race([portOf(child.stdio[3] as Readable), ended.then(() => undefined)]);
  if (port === undefined) {
    await close();
    throw new Error(`workerd did not start: ${said}`);
  }
  return { url: `http://127.0.0.1:${port}`, close };
}

/** Returns the port that workerd reports when it listens. */
async function portOf(control: Readable): Promise<number | undefined> {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line) as { event: string; port?: number };
    if (event === 'listen') return port;
  }
  return undefined;
}
