export type { LedgerUse } from './attempts';
export type { SecretOptions } from './authenticate';
export { changeId } from './change-id';
export {
  type AssigneesChange,
  type AttachedFile,
  actorOf,
  type Change,
  type Changed,
  type Choice,
  type ColumnChange,
  type CustomFieldChange,
  type CustomFieldDefinition,
  type CustomFieldHolder,
  type CustomFieldsOf,
  type CustomFieldValue,
  type CustomFieldValues,
  changed,
  changes,
  companyOf,
  compareEvents,
  customFieldValue,
  customFieldValues,
  type DateSpan,
  defineCustomFields,
  type EntityIn,
  type ExactNumber,
  entityOf,
  type FieldIn,
  isStale,
  type Money,
  type Phone,
  type Place,
  projectOf,
  type ReadableFieldType,
  type Subscription,
  subscription,
  type TagsChange,
  type UnknownCustomFieldValue,
  type ValueOf,
} from './changes';
export type {
  BodySink,
  BodySource,
  Delivery,
  DeliveryHandler,
  Outcome,
  RawBody,
  RawDelivery,
  StoredDelivery,
} from './delivery';
export { createDeliveryVerifier, type DeliveryVerifierOptions } from './delivery-verifier';
export type { EventHandler, HandlerOptions } from './dispatch';
export { DriverError } from './driver-error';
export { type FailureCode, type Host, UnrecoverableError, WebhookError } from './errors';
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
  type OlderCustomFieldDeletedEvent,
  type RecordCreatedEvent,
  type UnknownEvent,
  type UpdatedEvent,
} from './events';
export type {
  Checklist,
  ChecklistItem,
  ChecklistItemUser,
  Comment,
  CommentCategory,
  Company,
  CustomField,
  CustomFieldOption,
  CustomFieldType,
  File,
  Project,
  ProjectCategory,
  Tag,
  Todo,
  TodoCustomField,
  TodoList,
  TodoTag,
  TodoUser,
  User,
  UserAccessLevel,
  WebhookConfiguration,
  WebhookStatus,
} from './events/entities';
export { type FetchBody, type FetchRequest, readableSource, toRawDelivery, toResponse } from './fetch';
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
export { type Result, toOutcome } from './outcome';
export { type ParsedBody, parseVerified } from './parse';
export type { DispatchProgress } from './progress';
export { type ReadLimits, readBody } from './read';
export { createReceiver, type DedupeOption, type ProjectOption, type Receiver, type ReceiverOptions } from './receiver';
export type { Secret, Secrets, SecretValue } from './secrets';
export type { SelfTestOptions, SelfTestTarget } from './self-test';
export type { Drift } from './shape';
export type { Body, SignatureHeader } from './signature';
export { safeVerify, type VerifyOptions, type VerifyResult, verify, verifyRequest } from './verifier';
export { sign, verifySignature } from './verify';
export type { WaitUntil, WaitUntilOption } from './wait-until';
