import { createReceiver, type Delivery } from '@blue-webhooks/core';
import express, { type ErrorRequestHandler, type Express } from 'express4-types';
import { blueWebhook, keepRawBody, verifyBlueWebhook } from '../src/index';

const secret = process.env.BLUE_WEBHOOK_SECRET;
const app: Express = express();
const router = express.Router();

app.use(express.json({ verify: keepRawBody }));
app.use('/webhooks/blue', blueWebhook(createReceiver({ secret })));
app.post('/webhooks/:tenant', blueWebhook(createReceiver({ secret })));
router.post('/blue', verifyBlueWebhook({ secret }), blueWebhook(createReceiver({ secret })));

app.post('/webhooks/blue', verifyBlueWebhook({ secret }), (req, res) => {
  const delivery: Delivery | undefined = req.blue;
  // @ts-expect-error req.blue is a delivery
  const text: string | undefined = req.blue;
  res.json({ id: delivery?.id, text });
});
const onError: ErrorRequestHandler = (error, req, res, _next) => {
  res.status(error.status).json({ delivery: req.blue?.id });
};
app.use(onError);
