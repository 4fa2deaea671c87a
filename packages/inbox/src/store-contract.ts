import { inboxAges, storeAges } from './contract/ages';
import { inboxArguments, storeArguments } from './contract/arguments';
import { contexts } from './contract/contexts';
import { recordingHandlers, severalHandlers } from './contract/handlers';
import { health } from './contract/health';
import type { InboxCase } from './contract/inbox-under-test';
import { lanes } from './contract/lanes';
import { leasing } from './contract/leasing';
import { inboxLimits } from './contract/limiting';
import { storeLimits } from './contract/limiting-store';
import { listing } from './contract/listing';
import { managing } from './contract/managing';
import { ordering } from './contract/ordering';
import { inboxReplaying } from './contract/pacing';
import { inboxPausing, storePausing } from './contract/pausing';
import { inboxPostponing, storePostponing } from './contract/postponing';
import { receiving } from './contract/receiving';
import { replaying } from './contract/replaying';
import { starting } from './contract/starting';
import type { StoreCase } from './contract/store-under-test';
import { storing } from './contract/storing';
import { working } from './contract/working';

export type { ContractCase } from './contract/case';
export type { ContractInboxOptions, InboxCase, InboxUnderTest } from './contract/inbox-under-test';
export type { StoreCase, StoreUnderTest } from './contract/store-under-test';

/**
 * The contract of `InboxStore`, as cases for any test runner.
 *
 * @example
 * for (const { title, run } of storeContract) test(title, () => run({ open: () => sqliteStore(path) }));
 */
export const storeContract: readonly StoreCase[] = [
  ...storing,
  ...leasing,
  ...lanes,
  ...listing,
  ...replaying,
  ...recordingHandlers,
  ...storePostponing,
  ...storeAges,
  ...storePausing,
  ...storeLimits,
  ...storeArguments,
];

/**
 * The contract of `Inbox`, as cases for any test runner: for `createInbox` with a store, and for `bullmqInbox`.
 *
 * @example
 * for (const { title, run } of inboxContract) {
 *   test(title, () => run({ create: (options) => createInbox({ ...options, store: sqliteStore(path) }) }));
 * }
 */
export const inboxContract: readonly InboxCase[] = [
  ...receiving,
  ...working,
  ...severalHandlers,
  ...inboxPostponing,
  ...inboxAges,
  ...inboxPausing,
  ...inboxLimits,
  ...inboxReplaying,
  ...health,
  ...contexts,
  ...starting,
  ...managing,
  ...inboxArguments,
  ...ordering,
];
