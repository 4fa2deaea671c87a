import { createServer } from 'node:http';
import { createReceiver, type Delivery, memoryLedger, type ReceiverOptions } from '@blue-webhooks/core';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { blueWebhook, keepRawBody, verifyBlueWebhook } from '../src/index';

const secret = process.env.BLUE_WEBHOOK_SECRET; // string | undefined, as it is everywhere
const app: Express = express();
const router = express.Router();

app.use(express.json({ verify: keepRawBody }));
app.use(express.raw({ verify: keepRawBody, type: '*/*' }));
app.use('/webhooks/blue', blueWebhook(createReceiver({ secret })));
app.post('/webhooks/blue', blueWebhook(createReceiver({ secret })));
app.post('/webhooks/:tenant', blueWebhook(createReceiver({ secret })));
app.all('/webhooks/blue', verifyBlueWebhook({ secret }), blueWebhook(createReceiver({ secret })));
router.post('/blue', blueWebhook(createReceiver({ secret })));

app.post('/webhooks/blue', verifyBlueWebhook({ secret }), (req, res) => {
  const delivery: Delivery | undefined = req.blue;
  // @ts-expect-error req.blue may be missing where verifyBlueWebhook was not mounted
  const event: string = req.blue.event.event;
  res.json({ id: delivery?.id, event });
});
const onError: ErrorRequestHandler = (error, req, res, _next) => {
  res.status(error.status).json({ delivery: req.blue?.id });
};
app.use(onError);

const middleware = blueWebhook(createReceiver({ secret }));
createServer((req, res) => middleware(req, res, () => res.writeHead(500).end()));

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
