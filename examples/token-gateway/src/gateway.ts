import { createReceiver, eventNames } from '@blue-webhooks/core';
import {
  createEventTokenIssuer,
  type EventTokenIssuerOptions,
  pushEventTokens,
  serveKeys,
} from '@blue-webhooks/event-tokens';
import { blueWebhook } from '@blue-webhooks/hono';
import { Hono } from 'hono';

export interface GatewayOptions extends Pick<EventTokenIssuerOptions, 'issuer' | 'key' | 'alsoPublish'> {
  /** The webhook's secret: nobody behind the gateway has it. */
  readonly secret: string | undefined;
  readonly services: readonly { readonly audience: string; readonly to: string }[];
}

/** Takes Blue's deliveries in, and hands them on as tokens, one for each service. */
export function createGateway({ secret, services, ...keys }: GatewayOptions): Hono {
  const receiver = createReceiver({
    secret,
    onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.cause ?? error.message),
  });
  for (const { audience, to } of services) {
    const push = pushEventTokens({ to, issuer: createEventTokenIssuer({ ...keys, audience }) });
    receiver.on(Object.values(eventNames).flat(), push).onUnknown(push);
  }
  const published = serveKeys(createEventTokenIssuer({ ...keys, audience: 'nobody' }));

  const app = new Hono();
  app.post('/webhooks/blue', blueWebhook(receiver));
  app.get('/.well-known/jwks.json', published.hono);
  return app;
}
