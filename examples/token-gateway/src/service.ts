import { memoryLedger } from '@blue-webhooks/core';
import { type EventTokenReceiver, receiveEventTokens, type VerifiedEventToken } from '@blue-webhooks/event-tokens';

/** What a service needs to verify the gateway's tokens. */
export interface ServiceOptions {
  /** The gateway's URL: the issuer of the tokens, which publishes its public keys. */
  readonly gateway: string;
  /** The service's own name. */
  readonly audience: string;
}

/** Creates the endpoint that receives the gateway's tokens. */
export function createService(
  { gateway, audience }: ServiceOptions,
  handler: (token: VerifiedEventToken) => unknown,
): EventTokenReceiver {
  return receiveEventTokens(
    {
      issuer: gateway,
      audience,
      keys: `${gateway}/.well-known/jwks.json`,
      ledger: memoryLedger(),
      onFailure: (error, { jti }) => console.error(audience, error.code, jti, error.message),
    },
    handler,
  );
}
