import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import { http } from '@google-cloud/functions-framework';

const receive = blueWebhook(
  createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
    console.log(`New record: ${currentValue.title}`),
  ),
);

// The framework has parsed the body, and kept its bytes in `req.rawBody`, which the middleware verifies.
http('blue', (req, res) => receive(req, res, () => res.sendStatus(500)));
