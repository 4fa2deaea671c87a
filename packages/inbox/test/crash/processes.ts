import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const secret = 'a secret of the crash tests';

export interface ChildOptions {
  /** The inbox's file, or the URL of its database. */
  readonly path: string;
  /** The file in which handlers record when they begin and end. */
  readonly journal: string;
  /** Whether the process handles stored deliveries. */
  readonly works: boolean;
  /** How long a handler takes at most, in milliseconds. */
  readonly handlerMs: number;
  /** Whether a transaction handler inserts the id of each delivery into the table `effects`. */
  readonly effects?: boolean | undefined;
}

/** A ready process. */
export interface Process {
  readonly url: string;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
  /** Stops the process with SIGTERM. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Kills every process that is left. */
export function killAll(): void {
  for (const forked of running) forked.kill('SIGKILL');
}

const child = fileURLToPath(new URL('child.ts', import.meta.url));

export async function startProcess(options: ChildOptions): Promise<Process> {
  const forked = fork(child, [JSON.stringify(options)], {
    execArgv: ['--conditions', '@blue-webhooks/source', '--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  running.add(forked);
  const exited = once(forked, 'exit').then(() => running.delete(forked));
  const port = await portOf(forked);
  const end = async (signal: NodeJS.Signals) => {
    forked.kill(signal);
    await exited;
    appendFileSync(options.journal, `gone ${forked.pid} -\n`);
  };
  return {
    url: `http://127.0.0.1:${port}/webhooks/blue`,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

function portOf(forked: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    forked.once('message', (port) => resolve(Number(port)));
    forked.once('exit', () => reject(new Error('The process ended before it was ready.')));
  });
}
