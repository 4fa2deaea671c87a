import { createReceiver, type Receiver } from '@blue-webhooks/core';

interface Env {
  BLUE_WEBHOOK_SECRET: string;
}

let receiver: Receiver | undefined;

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    // A Worker learns its secrets with its first request.
    receiver ??= createReceiver({ secret: env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
      console.log(`New record: ${currentValue.title}`),
    );
    return receiver.fetch(request);
  },
};
