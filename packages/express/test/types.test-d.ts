import { createReceiver, type Delivery } from '@blue-webhooks/core';
import express, { type Express } from 'express';
import { blueWebhook, keepRawBody, verifyBlueWebhook } from '../src/index';

const app: Express = express();
app.use(express.json({ verify: keepRawBody }));
app.post('/webhooks/blue', blueWebhook(createReceiver({ secret: 'a secret' })));
app.post('/webhooks/blue', verifyBlueWebhook({ secret: 'a secret' }), (req, res) => {
  const delivery: Delivery | undefined = req.blue;
  // @ts-expect-error req.blue may be missing where verifyBlueWebhook was not mounted
  const event: string = req.blue.event.event;
  res.json({ id: delivery?.id, event });
});

// @ts-expect-error a secret is required
verifyBlueWebhook({});
// @ts-expect-error an adapter takes a handler, not options
blueWebhook({ secret: 'a secret' });
