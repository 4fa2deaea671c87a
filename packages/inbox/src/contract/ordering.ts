import { deepStrictEqual } from 'node:assert/strict';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, promptly, raw, untilState } from './inbox-under-test';

const needsOrder = true;

const moved = (id: string, step: number) => raw({ currentValue: { id, title: 'T', position: step } });
const stepOf = (rawBody: string) => {
  const { id, position } = (JSON.parse(rawBody) as { currentValue: { id: string; position: number } }).currentValue;
  return `${id}${position}`;
};

/** Order within an entity. */
export const ordering: readonly InboxCase[] = [
  {
    title: 'handles deliveries of one entity in order of arrival, and those of others concurrently',
    needsOrder,
    async run(subject) {
      const log: string[] = [];
      const { inbox } = await inboxWith(subject, async ({ rawBody }) => {
        log.push(`${stepOf(rawBody)} begins`);
        await new Promise(setImmediate);
        log.push(`${stepOf(rawBody)} ends`);
      });
      for (let step = 1; step <= 3; step++) for (const id of ['a', 'b']) await deliver(inbox, await moved(id, step));
      await inbox.start();
      await eventually(async () => (await inbox.stats()).done === 6);
      for (const id of ['a', 'b']) {
        const steps = [1, 2, 3].flatMap((step) => [`${id}${step} begins`, `${id}${step} ends`]);
        deepStrictEqual(
          log.filter((line) => line.startsWith(id)),
          steps,
        );
      }
      deepStrictEqual(log.slice(0, 2).sort(), ['a1 begins', 'b1 begins']);
    },
  },
  {
    title: 'holds up the deliveries behind a failing one until it is dead, and no others',
    needsOrder,
    async run(subject) {
      const log: string[] = [];
      const { inbox } = await inboxWith(subject, ({ rawBody, attempt }) => {
        log.push(`${stepOf(rawBody)} ${attempt}`);
        if (stepOf(rawBody) === 'a1') throw new Error('poison');
      });
      const [first, second, other] = [await moved('a', 1), await moved('a', 2), await moved('b', 1)];
      await deliver(inbox, first);
      await deliver(inbox, second);
      await deliver(inbox, other);
      await inbox.start();
      await untilState(inbox, second.id, 'done');
      await untilState(inbox, other.id, 'done');
      deepStrictEqual((await inbox.get(first.id))?.state, 'dead');
      deepStrictEqual(
        log.filter((line) => line.startsWith('a')),
        [...Array.from({ length: promptly.maxAttempts }, (_, i) => `a1 ${i + 1}`), 'a2 1'],
      );
    },
  },
];
