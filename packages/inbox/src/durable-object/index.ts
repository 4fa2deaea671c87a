export type { Inbox } from '../inbox';
export { RetryLater } from '../retry-later';
export type { SqliteTransaction } from '../sqlite/transaction';
export { StoreError } from '../store-error';
export { type DurableObjectInbox, type DurableObjectInboxOptions, durableObjectInbox } from './inbox';
export type { DurableObjectCursor, DurableObjectSql, DurableObjectState, DurableObjectStorage } from './state';
export { durableObjectStore } from './store';
