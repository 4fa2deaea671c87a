export type { Retry } from '@blue-webhooks/core/adapter';
export type {
  DeliveryContent,
  DeliveryFacts,
  DeliveryState,
  FullInboxDelivery,
  InboxDelivery,
  NewDelivery,
} from './delivery';
export type { CryptoKey, EncryptionKey, EncryptOptions } from './encryption/keys';
export type { EraseOptions } from './erase';
export type { HealthOptions, InboxHealth } from './health';
export { createInbox, type Inbox, type InboxOptions } from './inbox';
export type { InboxEvent, InboxHooks } from './inbox-event';
export type { Intake } from './intake';
export type { LimitRule } from './limit-options';
export type { BreakerOptions, Limit, LimitStats } from './limits';
export { memoryStore } from './memory-store';
export type { ReplayOptions, ReplayProgress } from './paced-replay';
export type { Pause, PauseOptions, PauseScope } from './pauses';
export { RetryLater } from './retry-later';
export type { WorkOptions } from './settings';
export type { SqliteDatabase, SqliteStatement } from './sqlite/driver';
export type { SqliteOptions } from './sqlite/file-connection';
export { type SqliteLedger, type SqliteLedgerOptions, sqliteLedger } from './sqlite/sqlite-ledger';
export { sqliteStore } from './sqlite/sqlite-store';
export type { SqliteTransaction } from './sqlite/transaction';
export type { StopOnSignalOptions } from './stop-on-signal';
export type {
  DeliveryFilter,
  EraseSelection,
  Erasure,
  InboxPage,
  InboxStats,
  InboxStore,
  Lease,
  LeaseRequest,
  LimitChange,
  LimitUpdate,
  ListQuery,
  PruneRequest,
  ReplaySelection,
  Settlement,
  StoredLimits,
  TransactionRequest,
} from './store';
export { StoreError, type StoreErrorCode } from './store-error';
export type { AttemptFacts, InboxTracing } from './tracing';
export type { TransactionHandler, TransactionOptions } from './transaction';
