import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import type { ReplayProgress } from '../paced-replay';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, raw, untilState } from './inbox-under-test';

const needsOrder = false;

/** Replays at a pace. */
export const inboxReplaying: readonly InboxCase[] = [
  {
    title: 'replays at a pace, reports its progress, and handles each delivery again',
    needsOrder,
    async run(subject) {
      const handled: { readonly id: string; readonly at: number }[] = [];
      const handler = ({ id }: { id: string }) => void handled.push({ id, at: performance.now() });
      const { inbox } = await inboxWith(subject, handler);
      const sent = await Promise.all(Array.from({ length: 25 }, () => raw()));
      await deliver(inbox, ...sent);
      await inbox.start();
      await eventually(async () => (await inbox.stats()).done === 25);
      strictEqual(await inbox.replay({ state: 'done' }, { dryRun: true }), 25);
      strictEqual((await inbox.stats()).done, 25);
      handled.length = 0;
      const steps: ReplayProgress[] = [];
      const onProgress = (progress: ReplayProgress) => {
        steps.push(progress);
        throw new Error('a hook of the user');
      };
      strictEqual(await inbox.replay({ state: 'done' }, { perSecond: 10, onProgress }), 25);
      deepStrictEqual(
        steps.map(({ replayed, remaining, total }) => [replayed, remaining, total]),
        sent.map((_, place) => [place + 1, 24 - place, 25]),
      );
      await eventually(async () => handled.length === 25 && (await inbox.stats()).done === 25);
      deepStrictEqual(new Set(handled.map(({ id }) => id)), new Set(sent.map(({ id }) => id)));
      ok((handled.at(-1)?.at ?? 0) - (handled[0]?.at ?? 0) > 2_000);
    },
  },
  {
    title: 'continues a replay that was interrupted, without what has been handled again since it started',
    needsOrder,
    async run(subject) {
      const handled: string[] = [];
      const { inbox } = await inboxWith(subject, ({ id }) => void handled.push(id));
      const sent = await Promise.all(Array.from({ length: 12 }, () => raw()));
      await deliver(inbox, ...sent);
      await inbox.start();
      await eventually(async () => (await inbox.stats()).done === 12);
      await new Promise((resolve) => setTimeout(resolve, 20));
      handled.length = 0;
      const controller = new AbortController();
      let startedAt: Date | undefined;
      const interrupted = inbox.replay(
        { state: 'done' },
        {
          perSecond: 50,
          signal: controller.signal,
          onProgress(progress) {
            startedAt = progress.startedAt;
            if (progress.replayed >= 4) controller.abort(new Error('Ctrl-C'));
          },
        },
      );
      await rejects(interrupted, /Ctrl-C/);
      await eventually(async () => handled.length >= 4 && (await inbox.stats()).done === 12);
      const already = handled.length;
      ok(already < 12 && startedAt);
      const rest = { perSecond: 1_000, finishedBefore: startedAt };
      strictEqual(await inbox.replay({ state: 'done' }, { ...rest, dryRun: true }), 12 - already);
      strictEqual(await inbox.replay({ state: 'done' }, rest), 12 - already);
      await eventually(async () => handled.length === 12 && (await inbox.stats()).done === 12);
      strictEqual(new Set(handled).size, 12);
      strictEqual(await inbox.replay({ state: 'done' }, rest), 0);
      strictEqual(await inbox.replay([sent[0]?.id ?? '', 'unknown'], { finishedBefore: startedAt }), 0);
      strictEqual(await inbox.replay([sent[0]?.id ?? '', 'unknown'], { dryRun: true }), 1);
    },
  },
  {
    title: 'ends a replay when it stops',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      const sent = [await raw(), await raw(), await raw()];
      await deliver(inbox, ...sent);
      await inbox.start();
      for (const { id } of sent) await untilState(inbox, id, 'done');
      let begun = () => {};
      const first = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const replayed = inbox.replay({ state: 'done' }, { perSecond: 1, onProgress: () => begun() });
      const ended = rejects(replayed, /was stopped during a replay/);
      await first;
      await inbox.stop();
      await ended;
    },
  },
];
