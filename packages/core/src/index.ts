export type { LedgerUse } from './attempts';
export type { SecretOptions } from './authenticate';
export type { Delivery, DeliveryHandler, Outcome, RawDelivery, StoredDelivery } from './delivery';
export type { EventHandler, HandlerOptions } from './dispatch';
export { type FailureCode, UnrecoverableError, WebhookError } from './errors';
export {
  type BlueEvent,
  type CreatedEvent,
  type DeletedEvent,
  type EventFamily,
  type EventMap,
  type EventName,
  type EventOf,
  eventNames,
  type HealthCheckEvent,
  isEventName,
  type OlderCustomFieldDeletedEvent,
  type RecordCreatedEvent,
  type UnknownEvent,
  type UpdatedEvent,
} from './events';
export type { FetchBody, FetchRequest } from './fetch';
export type { SecretLookup, SecretQuery } from './hint';
export type { DeliveryContext, Hooks } from './hooks';
export type {
  DeadLetterAnswer,
  FailAnswer,
  FinishAnswer,
  Ledger,
  LedgerAnswer,
  LedgerOptions,
  ReleaseAnswer,
  RenewAnswer,
} from './ledger';
export type { LimitOptions, Limits } from './limits';
export { memoryLedger } from './memory-ledger';
export type { DispatchProgress } from './progress';
export {
  type AliasOption,
  createReceiver,
  type DedupeOption,
  type ProjectOption,
  type Receiver,
  type ReceiverOptions,
} from './receiver';
export type { Secret, Secrets, SecretValue } from './secrets';
export type { SelfTestOptions, SelfTestTarget } from './self-test';
export type { Drift } from './shape';
export type { Body, SignatureHeader } from './signature';
export { safeVerify, type VerifyOptions, type VerifyResult, verify, verifyRequest } from './verify-delivery';
export { sign, verifySignature } from './verify-signature';
export type { WaitUntil, WaitUntilOption } from './wait-until';
