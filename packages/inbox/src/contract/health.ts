import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { UnrecoverableError } from '@blue-webhooks/core';
import { deliver, type InboxCase, inboxWith, raw, untilState } from './inbox-under-test';

/** The health of an inbox. */
export const health: readonly InboxCase[] = [
  {
    title: 'reports its health: whether it is started, how far it is behind, its dead letters and its pauses',
    needsOrder: false,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => Promise.reject(new UnrecoverableError('no')));
      const look = () => inbox.health({ timeoutMs: 10_000 });
      const nothing = { oldestWaitingMs: undefined, dead: 0, paused: [], openBreakers: [] };
      const fine = { started: false, store: 'ok', error: undefined, ...nothing };
      deepStrictEqual(await look(), fine);
      const sent = await raw();
      await deliver(inbox, sent);
      const { oldestWaitingMs, ...others } = await look();
      ok(oldestWaitingMs !== undefined && oldestWaitingMs < 60_000);
      deepStrictEqual({ ...others, oldestWaitingMs: undefined }, fine);
      strictEqual((await inbox.stats()).waiting, 1); // the check leaves nothing
      await inbox.start();
      await untilState(inbox, sent.id, 'dead');
      await inbox.pause({ reason: 'maintenance' });
      const { started, dead, paused } = await look();
      deepStrictEqual([started, dead, paused.map(({ reason }) => reason)], [true, 1, ['maintenance']]);
      await inbox.resume();
      await inbox.stop();
      deepStrictEqual(await look(), { ...fine, dead: 1 });
    },
  },
];
