import { createReceiver, memoryLedger, UnrecoverableError, type WebhookError } from '@blue-webhooks/core';
import { describe, expect, test, vi } from 'vitest';
import { asProcess } from './as-process';
import { endable, settled } from './endable';
import { rawDelivery, secret } from './raw-delivery';

const ledgers = {
  'no ledger': () => undefined,
  memoryLedger: () => memoryLedger(),
  'a ledger that takes 50 ms': () => asProcess(memoryLedger(), () => 50),
};

describe.concurrent.each(Object.entries(ledgers))(
  'errors thrown after the deadline, with %s',
  (_name, createLedger) => {
    function watched(deadLetter?: () => unknown) {
      const reports: unknown[][] = [];
      const onFailure = ({ code, cause }: WebhookError) => void reports.push([code, cause]);
      const ledger = createLedger();
      const receiver = createReceiver({
        secret,
        ledger,
        deadlineMs: 30,
        onFailure,
        deadLetter: ledger && deadLetter,
      });
      return { receiver, reports };
    }

    test('reports what a handler throws as soon as its signal aborts', async () => {
      const { receiver, reports } = watched();
      const aborted = new Error('aborted');
      receiver.on('TODO_CREATED', (_event, { signal }) => {
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(aborted)));
      });
      expect((await receiver.handle(await rawDelivery())).code).toBe('DEADLINE_EXCEEDED');
      await settled();
      expect(reports).toEqual([
        ['DEADLINE_EXCEEDED', undefined],
        ['HANDLER_FAILED', aborted],
      ]);
    });

    test('reports the error itself although another handler was not started any more', async () => {
      const { receiver, reports } = watched();
      const { runs, handler } = endable();
      receiver.on('TODO_CREATED', handler).on('TODO_CREATED', () => {});
      await receiver.handle(await rawDelivery());
      const late = new Error('late');
      runs[0]?.fail(late);
      await settled();
      expect(reports).toContainEqual(['HANDLER_FAILED', late]);
      expect(reports.at(-1)?.[1]).toBe(late);
    });

    test('reports an UnrecoverableError once', async () => {
      const { receiver, reports } = watched();
      const { runs, handler } = endable();
      receiver.on('TODO_CREATED', handler);
      await receiver.handle(await rawDelivery());
      const late = new UnrecoverableError('late');
      runs[0]?.fail(late);
      await settled();
      expect(reports.filter(([code]) => code === 'HANDLER_FAILED')).toEqual([['HANDLER_FAILED', late]]);
    });

    test('reports what a handler throws while its delivery is moved to the dead letters', async () => {
      let isMoving = false;
      const { receiver, reports } = watched(() => {
        isMoving = true;
        return settled(60);
      });
      const { runs, handler } = endable();
      receiver.on('TODO_CREATED', handler);
      const raw = await rawDelivery();
      for (let i = 0; i < 3; i++) {
        await receiver.handle(raw);
        runs[i]?.fail(new Error('early'));
        await settled(80);
      }
      reports.length = 0;
      const last = receiver.handle(raw);
      const isReady = createLedger() ? () => isMoving : () => reports.length > 0;
      await vi.waitUntil(isReady, { timeout: 10_000, interval: 1 });
      const late = new Error('late');
      runs.at(-1)?.fail(late);
      await last;
      await settled(80);
      expect(reports).toEqual([
        ['DEADLINE_EXCEEDED', undefined],
        ['HANDLER_FAILED', late],
      ]);
    });
  },
);

test.concurrent('a request that joined is answered with the error, and the error is reported as its cause', async () => {
  const reports: unknown[] = [];
  const { runs, handler } = endable();
  const receiver = createReceiver({
    secret,
    ledger: memoryLedger(),
    deadlineMs: 80,
    onFailure: ({ code, cause }) => reports.push([code, cause]),
  }).on('TODO_CREATED', handler);
  const raw = await rawDelivery();
  const first = receiver.handle(raw);
  await settled(60);
  const retry = receiver.handle(raw);
  expect((await first).code).toBe('DEADLINE_EXCEEDED');
  const error = new Error('no');
  runs[0]?.fail(error);
  expect(await retry).toMatchObject({ code: 'HANDLER_FAILED', duplicate: true });
  expect(reports).toEqual([
    ['DEADLINE_EXCEEDED', undefined],
    ['HANDLER_FAILED', error],
  ]);
});

test.concurrent('an UnrecoverableError of a delivery that several requests wait for is reported once', async () => {
  const reports: string[] = [];
  const { runs, handler } = endable();
  const receiver = createReceiver({
    secret,
    ledger: memoryLedger(),
    onFailure: ({ code }) => reports.push(code),
  }).on('TODO_CREATED', handler);
  const raw = await rawDelivery();
  const answers = Promise.all([1, 2, 3].map(() => receiver.handle(raw)));
  await settled();
  runs[0]?.fail(new UnrecoverableError('never'));
  expect((await answers).map(({ status, code, duplicate }) => [status, code, duplicate])).toEqual([
    [204, 'HANDLER_FAILED', false],
    [204, undefined, true],
    [204, undefined, true],
  ]);
  expect(reports).toEqual(['HANDLER_FAILED']);
});
