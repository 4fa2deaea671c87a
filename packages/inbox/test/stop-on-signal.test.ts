import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { memoryStore, sqliteStore } from '../src/index';
import { eventually, inboxWith } from './endpoint';
import { scratchFile } from './scratch';

const child = fileURLToPath(new URL('lifecycle/signal-child.ts', import.meta.url));

/** Starts a process whose handler is running. */
async function startChild(options: { handlerMs: number; remove?: boolean; other?: boolean; hang?: boolean }) {
  const path = scratchFile();
  const journal = `${path}.journal`;
  const task = JSON.stringify({ remove: false, other: false, hang: false, ...options, path, journal });
  const args = ['--conditions', '@blue-webhooks/source', '--import', 'tsx', child, task];
  const forked: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(() => void forked.kill('SIGKILL'));
  const exit = once(forked, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const notes = () => (existsSync(journal) ? readFileSync(journal, 'utf8').trim().split('\n') : []);
  await eventually(() => notes().includes('begins'));
  const store = () => sqliteStore(path, { readOnly: true });
  return { forked, exit, notes, stats: () => store().stats() };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s calls before, waits for handlers, and then ends the process by the signal',
  async (signal) => {
    const { forked, exit, notes, stats } = await startChild({ handlerMs: 400 });
    forked.kill(signal);
    expect(await exit).toEqual([null, signal]);
    expect(notes()).toEqual(['stored', 'started', 'begins', 'before', 'ends', 'succeeded']);
    expect(await stats()).toMatchObject({ done: 1 });
  },
);

test('a second signal shortens the wait, and the delivery is returned', async () => {
  const { forked, exit, notes, stats } = await startChild({ handlerMs: 60_000 });
  forked.kill('SIGTERM');
  await eventually(() => notes().includes('before'));
  forked.kill('SIGINT');
  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(notes().filter((note) => note === 'before')).toHaveLength(1);
  expect(await stats()).toMatchObject({ waiting: 1, active: 0 });
});

test('a second signal ends the wait for a before that hangs', async () => {
  const { forked, exit, stats } = await startChild({ handlerMs: 60_000, hang: true });
  forked.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 200));
  forked.kill('SIGTERM');
  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(await stats()).toMatchObject({ waiting: 1, active: 0 });
});

test('a before that hangs keeps no delivery for longer than ten seconds', async () => {
  const { forked, exit, notes, stats } = await startChild({ handlerMs: 100, hang: true });
  forked.kill('SIGTERM');
  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(notes()).toContain('succeeded');
  expect(await stats()).toMatchObject({ done: 1 });
}, 30_000);

test('leaves the end of the process to another listener', async () => {
  const { forked, exit, notes } = await startChild({ handlerMs: 50, other: true });
  forked.kill('SIGTERM');
  expect(await exit).toEqual([7, null]);
  expect(notes()).toEqual(expect.arrayContaining(['before', 'succeeded']));
  expect(notes().filter((note) => note === 'other')).toHaveLength(1); // the signal is not sent again
});

test('ends the process without a stop once its listeners are removed', async () => {
  const { forked, exit, notes, stats } = await startChild({ handlerMs: 60_000, remove: true });
  forked.kill('SIGTERM');
  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(notes()).not.toContain('before');
  expect(await stats()).toMatchObject({ active: 1 });
});

test('adds one listener for each signal, and removes them', () => {
  const counts = () => ['SIGTERM', 'SIGINT'].map((signal) => process.listenerCount(signal));
  const before = counts();
  const remove = inboxWith({ store: memoryStore() }).inbox.stopOnSignal();
  expect(counts()).toEqual(before.map((count) => count + 1));
  remove();
  remove();
  expect(counts()).toEqual(before);
});
