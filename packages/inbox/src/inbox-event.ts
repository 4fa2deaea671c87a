import { DriverError } from '@blue-webhooks/core';
import type { EntryFacts } from './entry';
import { StoreError } from './store-error';

/** What happens in an inbox, for logs, metrics and alerts. Holds no secret, no signature and nothing of a body. */
export type InboxEvent =
  /** A delivery is stored durably; 204 follows. Duplicates are not announced. */
  | { readonly type: 'stored'; readonly entry: EntryFacts }
  /** An attempt begins. `Date.now() - entry.receivedAt` says how far behind the inbox is. */
  | { readonly type: 'started'; readonly entry: EntryFacts; readonly attempt: number }
  | {
      readonly type: 'succeeded';
      readonly entry: EntryFacts;
      readonly attempt: number;
      readonly durationMs: number;
    }
  /** An attempt failed; another follows. */
  | {
      readonly type: 'retried';
      readonly entry: EntryFacts;
      readonly attempt: number;
      readonly error: unknown;
      readonly retryAt: Date;
    }
  /** The last attempt failed, or trying again cannot help. */
  | { readonly type: 'dead'; readonly entry: EntryFacts; readonly attempt: number; readonly error: unknown }
  /** An update was not handled, because a newer state of its entity had been. */
  | { readonly type: 'skipped'; readonly entry: EntryFacts }
  /** An attempt ended without a result, and the delivery will run again: this inbox stopped, or another process has taken it or given it up. */
  | { readonly type: 'returned'; readonly entry: EntryFacts; readonly attempt: number }
  /** The store failed. A delivery that could not be stored was answered 503; work goes on when the store does. */
  | { readonly type: 'store-failed'; readonly error: StoreError | DriverError }
  /** What is acknowledged may be lost, and why. Reported at start. */
  | { readonly type: 'not-durable'; readonly reason: string }
  /** What the store has changed, or found not to be as documented, such as the file's mode. Reported once, at start or with the first delivery. */
  | { readonly type: 'warning'; readonly reason: string };

/** For logs, metrics and alerts. */
export interface InboxHooks {
  /** Hears of everything. Not awaited, and what it throws changes nothing. */
  readonly onEvent?: ((event: InboxEvent) => unknown) | undefined;
  /** Hears of each delivery that is given up, to alert someone. Not awaited, and what it throws changes nothing. */
  readonly onDead?: ((entry: EntryFacts, error: unknown) => unknown) | undefined;
}

/** What happened, as the inbox itself found it: the error of a store may be anything. */
type Happened =
  | Exclude<InboxEvent, { type: 'store-failed' }>
  | { readonly type: 'store-failed'; readonly error: unknown };

/** Tells the hooks. */
export type Tell = (happened: Happened) => void;

/** @throws TypeError unless the hooks are functions */
export function createTell({ onEvent, onDead }: InboxHooks): Tell {
  for (const [name, hook] of Object.entries({ onEvent, onDead })) {
    if (hook !== undefined && typeof hook !== 'function') throw new TypeError(`${name} must be a function.`);
  }
  return (happened) => {
    const event = happened.type === 'store-failed' ? { ...happened, error: storeErrorOf(happened.error) } : happened;
    call(() => onEvent?.(event));
    if (event.type === 'dead') call(() => onDead?.(event.entry, event.error));
  };
}

/** Keeps whatever a hook throws or rejects with from doing harm. */
function call(hook: () => unknown): void {
  try {
    Promise.resolve(hook()).catch(() => {});
  } catch {
    // The hook's own failure.
  }
}

/** What a store threw, without what its driver attached: the arguments of a statement hold the delivery's body. */
export function storeErrorOf(error: unknown): StoreError | DriverError {
  return StoreError.is(error) ? error : DriverError.from(error);
}
