#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runCli } from './cli';
import { Terminal } from './terminal';

const INTERRUPTED = 130;
const TWICE_MS = 500;

suppressSqliteWarning();
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const interruption = new AbortController();
let interruptedAtMs = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second Ctrl-C exits immediately. npm forwards a signal that the terminal has already sent: that one is ignored.
    if (interruption.signal.aborted && Date.now() - interruptedAtMs > TWICE_MS) process.exit(INTERRUPTED);
    if (!interruption.signal.aborted) interruptedAtMs = Date.now();
    interruption.abort();
  });
}
// `blue-webhooks events | head` closes the pipe early, which is not a failure.
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
// An aborted operation may have left a timer that would keep the process running.
if (interruption.signal.aborted) process.exit(code);
process.exitCode = code;

/** Suppresses the warning of Node 22.13 to 24 that its SQLite is experimental. */
function suppressSqliteWarning(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (!String(args[0]).startsWith('SQLite is an experimental feature')) emitWarning(...args);
  };
}
