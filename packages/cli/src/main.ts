#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runCli } from './cli';
import { Terminal } from './terminal';

const INTERRUPTED = 130;
const TWICE_MS = 500;

quieten();
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const interruption = new AbortController();
let interruptedAtMs = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time, at once; but npm passes on what the terminal has sent already.
    if (interruption.signal.aborted && Date.now() - interruptedAtMs > TWICE_MS) process.exit(INTERRUPTED);
    if (!interruption.signal.aborted) interruptedAtMs = Date.now();
    interruption.abort();
  });
}
// `blue-webhooks events | head` closes the pipe early, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const code = await runCli(
  process.argv.slice(2),
  {
    env: process.env,
    stdin: process.stdin,
    out: new Terminal(process.stdout, process.env),
    err: new Terminal(process.stderr, process.env),
    signal: interruption.signal,
  },
  version,
);
// What was called off may still have a timer, for which nobody would wait.
if (interruption.signal.aborted) process.exit(code);
process.exitCode = code;

/** Node from 22.13 to 24 warns each time that its SQLite is new: nothing that whoever runs this could act on. */
function quieten(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (!String(args[0]).startsWith('SQLite is an experimental feature')) emitWarning(...args);
  };
}
