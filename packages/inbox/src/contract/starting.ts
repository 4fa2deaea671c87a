import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { deliver, type InboxCase, inboxWith, raw, untilState } from './inbox-under-test';

const needsOrder = false;

/** Starts and stops. */
export const starting: readonly InboxCase[] = [
  {
    title: 'works after any sequence of starts and stops whose last is a start, and handles each delivery once',
    needsOrder,
    async run(subject) {
      for (const steps of ['+', '+-+', '-+', '+-+-+', '++--+', '--+']) {
        const handled: string[] = [];
        const { inbox } = await inboxWith(subject, ({ id }) => handled.push(id));
        const ended = Promise.all(
          [...steps].map((step) => (step === '+' ? inbox.start() : inbox.stop({ timeoutMs: 0 }))),
        );
        await ended;
        const sent = await raw();
        await deliver(inbox, sent);
        await untilState(inbox, sent.id, 'done');
        deepStrictEqual(handled, [sent.id]);
        await inbox.stop();
      }
    },
  },
  {
    title: 'does no work after any sequence of starts and stops whose last is a stop',
    needsOrder,
    async run(subject) {
      const handled: string[] = [];
      for (const steps of ['+-', '+-+-', '-+-', '++-']) {
        const { inbox } = await inboxWith(subject, ({ id }) => handled.push(id));
        await Promise.all([...steps].map((step) => (step === '+' ? inbox.start() : inbox.stop({ timeoutMs: 0 }))));
        const sent = await raw();
        await deliver(inbox, sent);
        await new Promise((resolve) => setTimeout(resolve, 100));
        strictEqual((await inbox.get(sent.id))?.state, 'waiting');
        await inbox.stop({ timeoutMs: 0 });
      }
      deepStrictEqual(handled, []);
    },
  },
];
