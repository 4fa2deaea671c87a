import { inboxArguments, storeArguments } from './contract/arguments';
import { contexts } from './contract/contexts';
import { recordingHandlers, severalHandlers } from './contract/handlers';
import type { InboxCase } from './contract/inbox-under-test';
import { lanes } from './contract/lanes';
import { leasing } from './contract/leasing';
import { managing } from './contract/managing';
import { mending } from './contract/mending';
import { ordering } from './contract/ordering';
import { putting } from './contract/putting';
import { seeing } from './contract/seeing';
import { starting } from './contract/starting';
import type { StoreCase } from './contract/store-under-test';
import { takingIn } from './contract/taking-in';
import { working } from './contract/working';

export type { ContractCase } from './contract/case';
export type { ContractInboxOptions, InboxCase, InboxUnderTest } from './contract/inbox-under-test';
export type { StoreCase, StoreUnderTest } from './contract/store-under-test';

/**
 * What every store promises, as cases for any test runner.
 *
 * @example
 * for (const { title, run } of storeContract) test(title, () => run({ open: () => sqliteStore(path) }));
 */
export const storeContract: readonly StoreCase[] = [
  ...putting,
  ...leasing,
  ...lanes,
  ...seeing,
  ...mending,
  ...recordingHandlers,
  ...storeArguments,
];

/**
 * What every inbox promises, whatever it is made of: one that `createInbox` puts on a store, and one that an engine has.
 *
 * @example
 * for (const { title, run } of inboxContract) {
 *   test(title, () => run({ create: (options) => createInbox({ ...options, store: sqliteStore(path) }) }));
 * }
 */
export const inboxContract: readonly InboxCase[] = [
  ...takingIn,
  ...working,
  ...severalHandlers,
  ...contexts,
  ...starting,
  ...managing,
  ...inboxArguments,
  ...ordering,
];
