import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import Koa from 'koa';

const receiver = createReceiver({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
}).on('TODO_CREATED', ({ currentValue }) => console.log(`New record: ${currentValue.title}`));

const receive = blueWebhook(receiver, { host: 'koa' });

export const app = new Koa();

// Before any body parser: Blue signs the raw bytes.
app.use(async (ctx, next) => {
  if (ctx.path !== '/webhooks/blue') return next();
  ctx.respond = false; // the middleware writes Node's response itself
  await receive(ctx.req, ctx.res, (error) => error && ctx.onerror(error));
});
