import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import type { ChildOptions } from './child-options';

export { secret } from './child-options';

/** A ready process. */
export interface Process {
  readonly url: string;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
  /** Makes the process kill itself before or after a statement that it runs for a database: that many from now. */
  killAtStatement(number: number): Promise<void>;
  /** Suspends the process for that many milliseconds. */
  stall(ms: number): Promise<void>;
  /** Stops the process with SIGTERM. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Kills every process that is left. */
export function killAll(): void {
  for (const forked of running) forked.kill('SIGKILL');
}

/** The child as one file, since it is started again and again. It stands where its dependencies are found. */
const script = join(import.meta.dirname, `../../node_modules/.cache/crash-child-${process.pid}.mjs`);
let bundled: Promise<unknown> | undefined;

function bundle(): Promise<unknown> {
  if (bundled) return bundled;
  process.once('exit', () => rmSync(script, { force: true }));
  bundled = build({
    entryPoints: [join(import.meta.dirname, 'child.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@blue-webhooks/source'],
    external: ['bullmq', 'express', 'libsql', 'pg'],
  });
  return bundled;
}

export async function startProcess(options: ChildOptions): Promise<Process> {
  await bundle();
  const forked = fork(script, [JSON.stringify(options)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  running.add(forked);
  const exited = once(forked, 'exit').then(() => running.delete(forked));
  const port = await portOf(forked);
  const gone = async () => {
    await exited;
    appendFileSync(options.journal, `gone ${forked.pid} -\n`);
  };
  const end = async (signal: NodeJS.Signals) => {
    forked.kill(signal);
    await gone();
  };
  return {
    url: `http://127.0.0.1:${port}/webhooks/blue`,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async killAtStatement(number) {
      forked.send(number);
      await gone();
    },
    async stall(ms) {
      forked.kill('SIGSTOP');
      await sleep(ms);
      forked.kill('SIGCONT');
    },
  };
}

function portOf(forked: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    forked.once('message', (port) => resolve(Number(port)));
    forked.once('exit', () => reject(new Error('The process ended before it was ready.')));
  });
}
