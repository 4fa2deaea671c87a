import { createReceiver, type Delivery, memoryLedger, type ReceiverOptions } from '@blue-webhooks/core';
import { Hono } from 'hono';
import { blueWebhook, verifyBlueWebhook } from '../src/index';

const secret = process.env.BLUE_WEBHOOK_SECRET; // string | undefined, as it is everywhere
const app = new Hono();
const typed = new Hono<{ Bindings: { BLUE_WEBHOOK_SECRET: string }; Variables: { user: string } }>();

app.post('/webhooks/blue', blueWebhook(createReceiver({ secret })));
app.all('/webhooks/:tenant', blueWebhook(createReceiver({ secret })));
typed.post('/webhooks/blue', blueWebhook(createReceiver({ secret })));

app.use('*', verifyBlueWebhook({ secret }));
app.post('/webhooks/blue', verifyBlueWebhook({ secret }), (c) => {
  const delivery: Delivery = c.var.blue;
  const same: Delivery = c.get('blue');
  // @ts-expect-error c.var.blue is a delivery
  const text: string = c.var.blue;
  return c.json({ id: delivery.id, event: same.event.event, text });
});
typed.post('/webhooks/blue', verifyBlueWebhook({ secret }), (c) => c.json({ id: c.var.blue.id }));

// @ts-expect-error a secret is required
verifyBlueWebhook({});
// @ts-expect-error an adapter takes a handler, not options
blueWebhook({ secret: 'a secret' });

// @ts-expect-error verification uses no ledger
verifyBlueWebhook({ secret, ledger: memoryLedger() });
// @ts-expect-error verification sends no response
verifyBlueWebhook({ secret, onOutcome: () => {} });
// @ts-expect-error verification runs no handlers
verifyBlueWebhook({ secret, projects: ['clakt90vu0000'] });
// @ts-expect-error a variable is checked as a literal is
verifyBlueWebhook({ secret } as ReceiverOptions);
verifyBlueWebhook({ secret, ledger: undefined, deadLetter: undefined, onOutcome: undefined, projects: undefined });
