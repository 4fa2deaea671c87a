export type { EventTokenAlgorithm } from './algorithm';
export type { EventReference } from './claims';
export { EventTokenError, type EventTokenErrorCode, type PushErrorCode } from './errors';
export { eventTypeUri } from './event-type';
export type { VerifyEventTokenOptions } from './expectation';
export {
  createEventTokenIssuer,
  type EventTokenIssuer,
  type EventTokenIssuerOptions,
  isVerified,
  type VerifiedDelivery,
} from './issuer';
export type { CryptoKey, CryptoKeyPair, Jwk, JwkSet, PrivateKey, PublicPart } from './key';
export type { KeySource } from './key-source';
export { PushError, type PushEventTokensOptions, type PushHandler, pushEventTokens } from './push';
export {
  type EventTokenHandler,
  type EventTokenReceiver,
  type ReceiveEventTokensOptions,
  receiveEventTokens,
} from './receive';
export { type HonoContext, type KeysEndpoint, type NodeRequest, type NodeResponse, serveKeys } from './serve-keys';
export type { PublicJwk } from './signing-key';
export type { VerifiedEventToken } from './verified-event-token';
export { verifyEventToken } from './verify';
