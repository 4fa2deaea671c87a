import { createReceiver, type Receiver } from '@blue-webhooks/core';

interface Env {
  BLUE_WEBHOOK_SECRET: string;
}

/** The platform's context of a request. */
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

let receiver: Receiver | undefined;

export default {
  fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    // A Worker receives its secrets with each request, so the receiver is created with the first one.
    receiver ??= createReceiver({
      secret: env.BLUE_WEBHOOK_SECRET,
      onFailure: async ({ code }, { deliveryId }) => console.error(code, deliveryId), // or a request to your alerting
    }).on('TODO_CREATED', ({ currentValue }) => console.log(`New record: ${currentValue.title}`));
    return receiver.fetch(request, ctx); // `ctx.waitUntil` lets hooks finish after the response
  },
};
