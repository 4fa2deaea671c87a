import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createReceiver } from '@blue-webhooks/core';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createInbox, type InboxStore, memoryStore, sqliteStore } from '../src/index';
import { eventually, inboxWith, post, signed } from './endpoint';
import { scratchFile } from './scratch';

const child = fileURLToPath(new URL('lifecycle/child.ts', import.meta.url));

/** Runs a script that starts and stops an inbox. Resolves with its exit code and output. */
async function runToItsEnd(script: string, path = scratchFile()): Promise<{ code: number | null; out: string }> {
  const args = ['--conditions', '@blue-webhooks/source', '--import', 'tsx', child, script, path];
  const forked = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void forked.kill('SIGKILL'));
  let out = '';
  forked.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = (await once(forked, 'exit')) as [number | null];
  return { code, out };
}

describe('a process whose inbox was stopped ends by itself', () => {
  test.each([
    'start stop',
    'start stop,start stop', // the second start comes while the first stop waits for a handler
    'start stop,start,stop stop',
    'start,stop start stop',
    'start,start,stop',
    'start receive stop,start receive stop',
  ])('after %s', async (script) => {
    expect(await runToItsEnd(script)).toEqual({ code: 0, out: 'stopped\n' });
  });
});

test('a start during a stop begins when the stop has ended, and handles what was left', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const handled: string[] = [];
  const { inbox, heard } = inboxWith({ store: sqliteStore(scratchFile()), concurrency: 1 }, async ({ id }) => {
    await released;
    handled.push(id);
  });
  const sent = [await signed(), await signed()];
  await inbox.start();
  expect(await post(inbox, sent[0] as never)).toBe(204);
  await eventually(() => heard('started').length === 1);
  const stopped = inbox.stop();
  const started = inbox.start();
  expect(await post(inbox, sent[1] as never)).toBe(204);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(heard('started')).toHaveLength(1);
  release();
  await Promise.all([stopped, started]);
  await eventually(() => handled.length === 2);
});

test('starts and stops open and close the store in turn', async () => {
  const memory = memoryStore();
  const calls: string[] = [];
  const slowly = async (call: string) => {
    calls.push(`${call} begins`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    calls.push(`${call} ends`);
  };
  const store: InboxStore = { ...memory, open: () => slowly('open'), close: () => slowly('close') };
  const { inbox } = inboxWith({ store });
  await inbox.start();
  await Promise.all([inbox.stop(), inbox.start(), inbox.stop(), inbox.start()]);
  const inTurn = ['open begins', 'open ends', 'close begins', 'close ends'];
  expect(calls.slice(0, 4)).toEqual(inTurn);
  expect(calls.slice(-2)).toEqual(['open begins', 'open ends']);
  for (let i = 0; i < calls.length; i += 2) expect(calls[i + 1]).toBe(calls[i]?.replace('begins', 'ends'));
});

test('a store whose open never settles keeps no stop waiting', async () => {
  const store: InboxStore = { ...memoryStore(), open: () => new Promise(() => {}) };
  const { inbox } = inboxWith({ store });
  const started = inbox.start();
  await inbox.stop();
  await started;
});

test('a start that was rejected can be repeated', async () => {
  let broken = true;
  const memory = memoryStore();
  const open = () => (broken ? Promise.reject(new Error('down')) : memory.open());
  const { inbox } = inboxWith({ store: { ...memory, open } });
  await expect(inbox.start()).rejects.toThrow('down');
  broken = false;
  await inbox.start();
  const sent = await signed();
  await post(inbox, sent);
  await eventually(async () => (await inbox.get(sent.id))?.state === 'done');
});

test('any sequence of starts and stops, at any moment, leaves no timer once the inbox is stopped', async () => {
  const step = fc.tuple(fc.constantFrom('start', 'stop', 'deliver'), fc.integer({ min: 0, max: 3 }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const timersBefore = timers();
      const memory = memoryStore();
      const looks = { count: 0 };
      const store: InboxStore = {
        ...memory,
        lease(request) {
          looks.count += 1;
          return memory.lease(request);
        },
      };
      const receiver = createReceiver({ allowUnsigned: true }).onUnknown(() => {});
      const inbox = createInbox({ receiver, store, pollMs: 1, leaseMs: 3 });
      const calls: Promise<unknown>[] = [];
      for (const [call, turns] of steps) {
        if (call === 'start') calls.push(inbox.start());
        else if (call === 'stop') calls.push(inbox.stop({ timeoutMs: 0 }));
        else calls.push(inbox.fetch(new Request('http://localhost/', { method: 'POST', body: '{"event":"NEW"}' })));
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      }
      await Promise.all(calls);
      await inbox.stop({ timeoutMs: 0 });
      const before = looks.count;
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
      expect(looks.count).toBe(before);
      expect(timers()).toBeLessThanOrEqual(timersBefore);
    }),
    { numRuns: 60 },
  );
});

/** Counts the timers that keep the process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
