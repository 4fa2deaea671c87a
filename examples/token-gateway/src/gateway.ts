import { createReceiver } from '@blue-webhooks/core';
import {
  createEventTokenIssuer,
  type EventTokenIssuerOptions,
  pushEventTokens,
  serveKeys,
} from '@blue-webhooks/event-tokens';
import { blueWebhook } from '@blue-webhooks/hono';
import { createInbox, type Inbox, type InboxOptions, type InboxStore } from '@blue-webhooks/inbox';
import { Hono } from 'hono';
import { fanOut } from './fan-out';

export interface GatewayOptions
  extends Pick<EventTokenIssuerOptions, 'issuer' | 'key' | 'alsoPublish'>,
    Pick<InboxOptions, 'retry'> {
  /** The webhook’s secret. No service behind the gateway has it. */
  readonly secret: string | undefined;
  readonly services: readonly { readonly audience: string; readonly to: string }[];
  /** Opens the store of one service. */
  readonly openStore: (audience: string) => InboxStore;
}

/** Receives Blue's deliveries, and pushes each to every service as a token. */
export interface Gateway {
  readonly app: Hono;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Creates a gateway with an inbox for each service: one that is down or slow does not delay another. */
export function createGateway({ secret, services, openStore, retry, ...keys }: GatewayOptions): Gateway {
  const receiver = createReceiver({
    secret,
    onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
  });
  const inboxes = services.map(({ audience, to }): Inbox => {
    const push = pushEventTokens({ to, issuer: createEventTokenIssuer({ ...keys, audience }) });
    return createInbox({
      receiver: createReceiver({
        secret,
        onFailure: (error, { deliveryId }) =>
          console.error(audience, error.code, deliveryId, error.cause ?? error.message),
      }).onAny(push),
      store: openStore(audience),
      retry,
      onDeadLetter: ({ id, event }, error) => console.error('Dead letter', audience, id, event, error),
    });
  });
  const published = serveKeys(createEventTokenIssuer({ ...keys, audience: 'nobody' }));

  const app = new Hono();
  app.post('/webhooks/blue', blueWebhook(fanOut(receiver, inboxes)));
  app.get('/.well-known/jwks.json', published.hono);
  return {
    app,
    start: async () => void (await Promise.all(inboxes.map((inbox) => inbox.start()))),
    stop: async () => void (await Promise.all(inboxes.map((inbox) => inbox.stop()))),
  };
}
