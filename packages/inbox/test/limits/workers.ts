import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Limit } from '../../src/index';

export interface WorkerOptions {
  /** The inbox's file, or the URL of its database. */
  readonly path: string;
  /** The server that handlers call. */
  readonly url: string;
  readonly limit: Omit<Limit, 'key'>;
}

export interface Worker {
  readonly pid: number;
  readonly messages: readonly string[];
  kill(signal: NodeJS.Signals): Promise<void>;
}

const children = new Set<ChildProcess>();
const child = fileURLToPath(new URL('child.ts', import.meta.url));

/** Kills every worker that is left. */
export function killWorkers(): void {
  for (const forked of children) forked.kill('SIGKILL');
}

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const forked = fork(child, [JSON.stringify(options)], {
    execArgv: ['--conditions', '@blue-webhooks/source', '--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.add(forked);
  const messages: string[] = [];
  forked.on('message', (message) => messages.push(String(message)));
  const exited = once(forked, 'exit').then(() => children.delete(forked));
  await Promise.race([once(forked, 'message'), exited.then(() => Promise.reject(new Error('The worker ended.')))]);
  return {
    pid: forked.pid ?? 0,
    messages,
    async kill(signal) {
      forked.kill(signal);
      await exited;
    },
  };
}

export interface Call {
  readonly pid: number;
  readonly at: number;
}

/** A server that handlers depend on. */
export interface Downstream {
  readonly url: string;
  /** What it does with the next calls. */
  mode: 'up' | 'down' | 'hangs';
  /** All calls, in order. */
  readonly calls: readonly Call[];
  /** The processes whose calls have not ended. */
  readonly open: readonly number[];
  /** The most calls that were open concurrently since this was set to 0. */
  most: number;
  close(): void;
}

export async function startDownstream(): Promise<Downstream> {
  const calls: Call[] = [];
  const open: number[] = [];
  const server = createServer((request, response) => {
    const pid = Number(request.url?.slice(1));
    calls.push({ pid, at: performance.now() });
    open.push(pid);
    downstream.most = Math.max(downstream.most, open.length);
    response.on('close', () => open.splice(open.indexOf(pid), 1));
    if (downstream.mode === 'hangs') return;
    response.statusCode = downstream.mode === 'up' ? 204 : 503;
    setTimeout(() => response.end(), 10);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const downstream: Downstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode: 'up',
    calls,
    open,
    most: 0,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return downstream;
}
