import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Delivery } from '@blue-webhooks/core';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, raw, secret, untilState } from './inbox-under-test';

const needsOrder = false;

/** What is stored, and what is answered. */
export const takingIn: readonly InboxCase[] = [
  {
    title: 'a genuine delivery is answered 204 and handled afterwards, exactly as it was signed',
    needsOrder,
    async run(subject) {
      const seen: Delivery[] = [];
      const { inbox, events } = await inboxWith(subject, (delivery) => seen.push(delivery));
      const sent = await raw();
      const outcome = await inbox.handle(sent);
      deepStrictEqual([outcome.status, outcome.body, outcome.deliveryId], [204, null, sent.id]);
      strictEqual(seen.length, 0); // nothing runs before start
      await inbox.start();
      await untilState(inbox, sent.id, 'done');
      const [delivery] = seen;
      deepStrictEqual([seen.length, delivery?.id, delivery?.rawBody, delivery?.attempt], [1, sent.id, sent.text, 1]);
      deepStrictEqual(
        [delivery?.signature, delivery?.secretId, delivery?.event.event],
        ['verified', '0', 'TODO_MOVED'],
      );
      ok(delivery && Math.abs(Date.now() - +delivery.receivedAt) < 60_000);
      await eventually(() => events.some(({ type }) => type === 'succeeded')); // told once it is written down
      deepStrictEqual(
        events.filter(({ type }) => type !== 'not-durable' && type !== 'warning').map(({ type }) => type),
        ['stored', 'started', 'succeeded'],
      );
    },
  },
  {
    title: 'a forged delivery is refused, and never stored',
    needsOrder,
    async run(subject) {
      const { inbox, events } = await inboxWith(subject, () => {});
      const sent = await raw();
      const forged = { ...sent, body: new TextEncoder().encode(sent.text.replace('Zoë', 'Zoe')) };
      const { status, body } = await inbox.handle(forged);
      deepStrictEqual([status, body], [401, '{"error":"SIGNATURE_INVALID"}']);
      deepStrictEqual((await inbox.list()).entries, []);
      deepStrictEqual(events, []);
    },
  },
  {
    title: 'a delivery that comes again is answered 204 and handled once, even when it is done',
    needsOrder,
    async run(subject) {
      let runs = 0;
      const { inbox, events } = await inboxWith(subject, () => {
        runs += 1;
      });
      await inbox.start();
      const sent = await raw();
      await deliver(inbox, sent, sent, sent);
      await untilState(inbox, sent.id, 'done');
      await deliver(inbox, sent);
      const next = await raw();
      await deliver(inbox, next);
      await untilState(inbox, next.id, 'done');
      strictEqual(runs, 2);
      strictEqual(events.filter(({ type }) => type === 'stored').length, 2);
    },
  },
  {
    title: 'an event that nobody knows yet is stored under its name, and offered to onUnknown',
    needsOrder,
    async run(subject) {
      const seen: Delivery[] = [];
      const { inbox } = await inboxWith(subject, (delivery) => seen.push(delivery));
      await inbox.start();
      const sent = await raw({ event: 'TODO_ARCHIVED' });
      await deliver(inbox, sent);
      strictEqual((await untilState(inbox, sent.id, 'done')).event, 'TODO_ARCHIVED');
      deepStrictEqual(
        seen.map(({ event }) => event.event),
        ['UNKNOWN'],
      );
    },
  },
  {
    title: 'an event without a handler is done',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      await inbox.start();
      const sent = await raw({ event: 'TODO_NAME_CHANGED' });
      await deliver(inbox, sent);
      await untilState(inbox, sent.id, 'done');
    },
  },
  {
    title: 'a health check is answered 204 without a row',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      await deliver(inbox, await raw({ event: 'WEBHOOK_HEALTH_CHECK', currentValue: undefined }));
      deepStrictEqual((await inbox.list()).entries, []);
    },
  },
  {
    title: 'a stored delivery shows what it is about, and neither secret nor signature',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      const sent = await raw({ currentValue: { id: 'record', title: 'T' } });
      await deliver(inbox, sent);
      const entry = await inbox.get(sent.id);
      deepStrictEqual(
        [entry?.event, entry?.entityId, entry?.webhookId, entry?.state, entry?.attempts, entry?.rawBody],
        ['TODO_MOVED', 'record', 'webhook', 'waiting', 0, sent.text],
      );
      const shown = JSON.stringify([entry, await inbox.list()]);
      ok(!shown.includes(String(sent.header('x-signature'))) && !shown.includes(secret));
      strictEqual(await inbox.get('unknown'), undefined);
    },
  },
];
