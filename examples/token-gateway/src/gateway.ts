import { createReceiver, eventNames } from '@blue-webhooks/core';
import {
  createEventTokenIssuer,
  type EventTokenIssuerOptions,
  pushEventTokens,
  serveKeys,
} from '@blue-webhooks/event-tokens';
import { blueWebhook } from '@blue-webhooks/hono';
import { createInbox, type Inbox, type InboxOptions } from '@blue-webhooks/inbox';
import { Hono } from 'hono';

export interface GatewayOptions
  extends Pick<EventTokenIssuerOptions, 'issuer' | 'key' | 'alsoPublish'>,
    Pick<InboxOptions, 'store' | 'retry'> {
  /** The webhook's secret: nobody behind the gateway has it. */
  readonly secret: string | undefined;
  readonly services: readonly { readonly audience: string; readonly to: string }[];
}

/** Takes Blue's deliveries in, and hands them on as tokens, one for each service. The inbox pushes again what was refused. */
export function createGateway({ secret, services, store, retry = {}, ...keys }: GatewayOptions): {
  app: Hono;
  inbox: Inbox;
} {
  const receiver = createReceiver({
    secret,
    onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.cause ?? error.message),
  });
  for (const { audience, to } of services) {
    const push = pushEventTokens({ to, issuer: createEventTokenIssuer({ ...keys, audience }) });
    receiver.on(Object.values(eventNames).flat(), push).onUnknown(push);
  }
  const inbox = createInbox({
    receiver,
    store,
    retry,
    onDead: ({ id, event }, error) => console.error('Given up', id, event, error),
  });
  const published = serveKeys(createEventTokenIssuer({ ...keys, audience: 'nobody' }));

  const app = new Hono();
  app.post('/webhooks/blue', blueWebhook(inbox));
  app.get('/.well-known/jwks.json', published.hono);
  return { app, inbox };
}
