import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import type { InboxEvent } from '../inbox-event';
import { StoreError } from '../store-error';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, promptly, raw, untilState } from './inbox-under-test';

const needsOrder = false;
const hour = 3_600_000;
const newKey = (id: string) => ({ id, key: crypto.getRandomValues(new Uint8Array(32)) });
const unreadable = (events: readonly InboxEvent[]) =>
  events.flatMap((event) => (event.type === 'unreadable' ? [event.error.code] : []));

/** Encrypting what is stored. */
export const encrypting: readonly InboxCase[] = [
  {
    title: 'handles and returns encrypted deliveries, and their errors, as they were',
    needsOrder,
    async run(subject) {
      const bodies: string[] = [];
      let broken = true;
      const { inbox } = await inboxWith(
        subject,
        ({ rawBody }) => {
          if (broken) throw new Error('Zoë is unknown');
          bodies.push(rawBody);
        },
        { encrypt: { keys: [newKey('a')] }, retry: { ...promptly, firstDelayMs: hour, maxDelayMs: hour } },
      );
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent, sent);
      const retried = await eventually(async () => {
        const delivery = await inbox.get(sent.id);
        return delivery?.retryAt && delivery;
      });
      deepStrictEqual([retried.rawBody, retried.lastError], [sent.text, 'Error: Zoë is unknown']);
      deepStrictEqual(
        (await inbox.list()).deliveries.map(({ lastError }) => lastError),
        ['Error: Zoë is unknown'],
      );
      broken = false;
      await inbox.replay(sent.id);
      strictEqual((await untilState(inbox, sent.id, 'done')).rawBody, sent.text);
      deepStrictEqual(bodies, [sent.text]);
    },
  },
  {
    title: 'reads what older keys have encrypted, and what was stored without a key',
    needsOrder,
    async run(subject) {
      const handled: string[] = [];
      const [older, newer] = [newKey('2026-10'), newKey('2026-11')];
      const creating = (encrypt?: { keys: { id: string; key: Uint8Array }[] }) =>
        inboxWith(subject, ({ rawBody }) => void handled.push(rawBody), { encrypt });
      const sent = [await raw(), await raw(), await raw()] as const;
      const inboxes = [await creating(), await creating({ keys: [older] }), await creating({ keys: [newer, older] })];
      for (const [place, { inbox }] of inboxes.entries()) await deliver(inbox, sent[place] ?? sent[0]);
      const last = inboxes[2]?.inbox;
      if (!last) throw new Error('unreachable');
      await last.start();
      for (const { id } of sent) await untilState(last, id, 'done');
      deepStrictEqual(handled.sort(), sent.map(({ text }) => text).sort());
      const without = inboxes[0]?.inbox;
      strictEqual((await without?.get(sent[0].id))?.rawBody, sent[0].text);
    },
  },
  {
    title:
      'leaves a delivery whose key is missing or wrong where it is, reports it, and handles it once the key is there',
    needsOrder,
    async run(subject) {
      const key = newKey('a');
      let runs = 0;
      const creating = (keys?: { id: string; key: Uint8Array }[]) =>
        inboxWith(subject, () => void runs++, { encrypt: keys && { keys } });
      const sent = await raw();
      await deliver((await creating([key])).inbox, sent);
      const refused: [ReturnType<typeof newKey>[] | undefined, string][] = [
        [undefined, 'KEY_MISSING'],
        [[newKey('b')], 'KEY_MISSING'],
        [[newKey('a')], 'NOT_DECRYPTED'],
      ];
      for (const [keys, code] of refused) {
        const { inbox, events } = await creating(keys);
        await inbox.start();
        await inbox.replay(sent.id); // due now
        await eventually(() => unreadable(events).length > 0);
        await inbox.stop();
        strictEqual(unreadable(events)[0], code);
        const [shown] = (await inbox.list()).deliveries;
        deepStrictEqual([shown?.id, shown?.state, shown?.attempts], [sent.id, 'waiting', 0]);
        await rejects(inbox.get(sent.id), (error) => StoreError.is(error) && error.code === code);
        strictEqual(events.filter(({ type }) => type === 'dead-letter' || type === 'retried').length, 0);
        await inbox.stop();
      }
      strictEqual(runs, 0);
      const { inbox } = await creating([newKey('c'), key]);
      await inbox.start();
      await inbox.replay(sent.id);
      await untilState(inbox, sent.id, 'done');
      strictEqual(runs, 1);
    },
  },
  {
    title: 'handles what it can decrypt although deliveries that it cannot are due before',
    needsOrder,
    async run(subject) {
      const [lost, key] = [newKey('lost'), newKey('key')];
      const { inbox: before } = await inboxWith(subject, () => {}, { encrypt: { keys: [lost] } });
      await deliver(before, ...(await Promise.all(Array.from({ length: 25 }, () => raw()))));
      const { inbox, events } = await inboxWith(subject, () => {}, { encrypt: { keys: [key] }, concurrency: 2 });
      const sent = await raw();
      await deliver(inbox, sent);
      await inbox.start();
      await untilState(inbox, sent.id, 'done');
      await eventually(() => unreadable(events).length === 25);
      strictEqual((await inbox.stats()).waiting, 25);
    },
  },
  {
    title: 'keys the digests of unsigned deliveries and of changes, and recognises their duplicates',
    needsOrder,
    async run(subject) {
      const key = newKey('a');
      const create = async (encrypt?: { keys: (typeof key)[] }) =>
        (await inboxWith(subject, () => {}, { encrypt, dedupe: 'change' })).inbox;
      const sent = await raw();
      const keyed = await create({ keys: [key] });
      await deliver(keyed, sent, sent);
      const [first] = (await keyed.list()).deliveries;
      match(first?.id ?? '', /^[0-9a-f]{32}$/);
      strictEqual((await keyed.list()).deliveries.length, 1);
      const plain = await create();
      await deliver(plain, sent);
      const ids = (await plain.list()).deliveries.map(({ id }) => id);
      deepStrictEqual([ids.length, new Set(ids).size, ids.includes(sent.id)], [2, 2, false]);
    },
  },
];
