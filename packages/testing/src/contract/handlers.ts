import { strictEqual } from 'node:assert/strict';
import { UnrecoverableError } from '@blue-webhooks/core';
import { secret, signed } from './requests';
import { handled, privateText, type Row, refused } from './row';

/** The behaviour of handlers, and the response to the sender. */
export const handlers: readonly Row[] = [
  {
    title: 'a handler that throws is answered so that the sender retries',
    request: () => signed('TODO_CREATED'),
    handler: () => {
      throw new Error(`${privateText}: ${secret}`);
    },
    ...refused(500, 'HANDLER_FAILED'),
    handled: 1,
  },
  {
    title: 'a handler that rejects with an error that has a status is answered from the table nevertheless',
    request: () => signed('TODO_CREATED'),
    handler: () => Promise.reject(Object.assign(new Error(privateText), { status: 200, expose: true })),
    ...refused(500, 'HANDLER_FAILED'),
    handled: 1,
  },
  {
    title: 'a handler that throws undefined has failed too',
    request: () => signed('TODO_CREATED'),
    handler: () => Promise.reject(undefined),
    ...refused(500, 'HANDLER_FAILED'),
    handled: 1,
  },
  {
    title: 'a handler that throws UnrecoverableError is acknowledged and reported',
    request: () => signed('TODO_CREATED'),
    handler: () => {
      throw new UnrecoverableError(privateText);
    },
    ...handled,
    code: 'HANDLER_FAILED',
  },
  {
    title: 'a handler that never ends is answered at the deadline, and its signal aborted',
    request: () => signed('TODO_CREATED'),
    options: { deadlineMs: 50 },
    handler: ({ signal }) => {
      strictEqual(signal.aborted, false);
      return new Promise(() => {});
    },
    ...refused(503, 'DEADLINE_EXCEEDED'),
    handled: 1,
    received: ({ signal }) => strictEqual(signal.aborted, true),
  },
];
