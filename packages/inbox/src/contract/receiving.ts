import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Delivery } from '@blue-webhooks/core';
import { eventually } from './case';
import { deliver, type InboxCase, inboxWith, raw, secret, untilState } from './inbox-under-test';

const needsOrder = false;

/** What is stored, and how it is answered. */
export const receiving: readonly InboxCase[] = [
  {
    title: 'returns 204 for a genuine delivery, and handles it afterwards exactly as it was signed',
    needsOrder,
    async run(subject) {
      const seen: Delivery[] = [];
      const { inbox, events } = await inboxWith(subject, (delivery) => seen.push(delivery));
      const sent = await raw();
      const outcome = await inbox.handle(sent);
      deepStrictEqual([outcome.status, outcome.body, outcome.deliveryId], [204, null, sent.id]);
      strictEqual(seen.length, 0); // no handler runs before start
      await inbox.start();
      await untilState(inbox, sent.id, 'done');
      const [delivery] = seen;
      deepStrictEqual([seen.length, delivery?.id, delivery?.rawBody, delivery?.attempt], [1, sent.id, sent.text, 1]);
      deepStrictEqual(
        [delivery?.signature, delivery?.secretId, delivery?.event.event],
        ['verified', '0', 'TODO_MOVED'],
      );
      ok(delivery && Math.abs(Date.now() - +delivery.receivedAt) < 60_000);
      await eventually(() => events.some(({ type }) => type === 'succeeded')); // reported once it is stored
      deepStrictEqual(
        events.filter(({ type }) => type !== 'not-durable' && type !== 'warning').map(({ type }) => type),
        ['stored', 'started', 'succeeded'],
      );
    },
  },
  {
    title: 'returns 401 for a forged delivery, and never stores it',
    needsOrder,
    async run(subject) {
      const { inbox, events } = await inboxWith(subject, () => {});
      const sent = await raw();
      const forged = { ...sent, body: new TextEncoder().encode(sent.text.replace('Zoë', 'Zoe')) };
      const { status, body } = await inbox.handle(forged);
      deepStrictEqual([status, body], [401, '{"error":"SIGNATURE_INVALID"}']);
      deepStrictEqual((await inbox.list()).deliveries, []);
      deepStrictEqual(events, []);
    },
  },
  {
    title: 'returns 204 for a duplicate and handles the delivery once, also when it is done',
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
    title: 'stores an unknown event under its name, and passes it to onUnknown',
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
    title: 'marks an event without a handler as done',
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
    title: 'returns 204 for a health check, and stores nothing',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      await deliver(inbox, await raw({ event: 'WEBHOOK_HEALTH_CHECK', currentValue: undefined }));
      deepStrictEqual((await inbox.list()).deliveries, []);
    },
  },
  {
    title: 'shows the facts of a stored delivery, and neither secret nor signature',
    needsOrder,
    async run(subject) {
      const { inbox } = await inboxWith(subject, () => {});
      const sent = await raw({ currentValue: { id: 'record', title: 'T' } });
      await deliver(inbox, sent);
      const delivery = await inbox.get(sent.id);
      deepStrictEqual(
        [
          delivery?.event,
          delivery?.entityId,
          delivery?.webhookId,
          delivery?.state,
          delivery?.attempts,
          delivery?.rawBody,
        ],
        ['TODO_MOVED', 'record', 'webhook', 'waiting', 0, sent.text],
      );
      const shown = JSON.stringify([delivery, await inbox.list()]);
      ok(!shown.includes(String(sent.header('x-signature'))) && !shown.includes(secret));
      strictEqual(await inbox.get('unknown'), undefined);
    },
  },
];
