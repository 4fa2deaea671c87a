import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const secret = 'a secret of the crash tests';

export interface ChildOptions {
  /** The inbox's file. */
  readonly path: string;
  /** The file in which handlers note when they begin and end. */
  readonly journal: string;
  /** Whether it handles what is stored. */
  readonly works: boolean;
  /** How long a handler takes at most. */
  readonly handlerMs: number;
}

/** A process of the receiver, ready for work. */
export interface Process {
  readonly url: string;
  /** Ends it as a power button does: it runs nothing more. */
  kill(): Promise<void>;
  /** Asks it to end. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Leaves none behind, whatever became of the test. */
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
