import { memoryLedger } from '@blue-webhooks/core';
import { type EventTokenReceiver, receiveEventTokens, type VerifiedEventToken } from '@blue-webhooks/event-tokens';

/** All that a service knows of the gateway: its name and where its public keys are. */
export interface ServiceOptions {
  readonly gateway: string;
  /** The service's own name. */
  readonly audience: string;
}

/** Takes in what the gateway vouches for. */
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
