import { setTimeout as sleep } from 'node:timers/promises';
import type { Receiver } from '@blue-webhooks/core';
import { count } from '@blue-webhooks/core/adapter';
import type { DeliveryState, FullInboxDelivery } from '../delivery';
import { createInbox, type Inbox, type InboxOptions } from '../inbox';
import type { InboxEvent } from '../inbox-event';
import { createReplays } from '../paced-replay';
import { replaySelectionOf, requireId, requireState } from '../queries';
import { createVirtualStore } from './virtual-store';

/** The options of an inbox that a test may set; as in `createInbox`, except that one delivery is handled at a time. */
export type TestInboxOptions = Pick<
  InboxOptions,
  'concurrency' | 'dedupe' | 'limits' | 'onDeadLetter' | 'onEvent' | 'order' | 'retry' | 'skipStale' | 'timeoutMs'
>;

/** An attempt that has failed. */
export interface Failure {
  /** The id of the delivery. */
  readonly id: string;
  readonly event: string;
  /** From 1. */
  readonly attempt: number;
  /** What the handler threw. */
  readonly error: unknown;
  /** Whether the delivery has become a dead letter. */
  readonly dead: boolean;
}

/** Options of `waitFor`. */
export interface WaitOptions {
  /** How long to wait, in real milliseconds. Defaults to 5,000. */
  readonly timeoutMs?: number | undefined;
}

/** An inbox for tests: it takes a receiver's place in the adapters, and handles deliveries only during `drain` and `waitFor`. */
export interface TestInbox extends Omit<Inbox, 'start' | 'stop' | 'stopOnSignal' | 'health'> {
  /**
   * Runs everything that is due, and all retries, whose delays pass in virtual time. Resolves when nothing waits any more that is
   * not paused.
   * @throws Error after a week of virtual time or 1,000 postponed attempts, such as when a handler always throws `RetryLater`, or the breaker of
   * a limit never closes
   */
  drain(): Promise<void>;
  /**
   * Handles deliveries as `drain` does until one is in a state, which defaults to `'done'`, and returns it. Waits for a delivery
   * that is not received yet.
   * @throws Error if it ends in another state or is not received in time
   * @throws TypeError for an invalid id, state or option
   */
  waitFor(id: string, state?: DeliveryState, options?: WaitOptions): Promise<FullInboxDelivery>;
  /** The attempts that have failed, in order. Postponed attempts are not among them. */
  readonly failures: readonly Failure[];
  /** How much virtual time has passed for delays, in milliseconds. */
  readonly elapsedMs: number;
}

const POLL_MS = 5;
const WEEK_MS = 7 * 86_400_000;
/** More than any test needs. Ends a handler that always throws `RetryLater` with a short time. */
const MAX_POSTPONED = 1_000;
const DEFAULT_WAIT_MS = 5_000;
const MAX_WAIT_MS = 3_600_000;

/**
 * Creates an inbox for the tests of your handlers, in memory and with virtual time: a night of retries takes milliseconds.
 *
 * @example
 * const inbox = testInbox(receiver);
 * await inbox.fetch(await signedRequest('TODO_CREATED', { secret, url: 'http://localhost/' }));
 * await inbox.drain();
 * @throws TypeError for an invalid receiver or option
 */
export function testInbox(receiver: Receiver, options: TestInboxOptions = {}): TestInbox {
  const virtual = createVirtualStore();
  const failures: Failure[] = [];
  let postponed = 0;
  const { concurrency = 1, onEvent, ...others } = options;

  function observe(event: InboxEvent): unknown {
    if (event.type === 'postponed') postponed += 1;
    if (event.type === 'retried' || event.type === 'dead-letter') {
      const { delivery, attempt, error, type } = event;
      failures.push({ id: delivery.id, event: delivery.event, attempt, error, dead: type === 'dead-letter' });
    }
    return onEvent?.(event);
  }

  const inbox = createInbox({
    ...others,
    receiver,
    concurrency,
    store: virtual.store,
    pollMs: POLL_MS,
    onEvent: observe,
  });
  const replays = createReplays(virtual.store, {
    now: () => Date.now() + virtual.aheadMs,
    sleep: async (ms) => virtual.advance(ms),
  });
  let before: Promise<unknown> = Promise.resolve();

  /** Handles deliveries until `step` returns a result. One run at a time: each waits for the one before. */
  function run<T>(step: (dueInMs: number | undefined) => Promise<T | undefined>): Promise<T> {
    const result = before.then(async () => {
      const [startedAt, postponedBefore] = [virtual.aheadMs, postponed];
      await inbox.start();
      try {
        for (;;) {
          const dueInMs = await virtual.dueInMs();
          const ended = await step(dueInMs);
          if (ended !== undefined) return ended;
          if (virtual.aheadMs - startedAt > WEEK_MS || postponed - postponedBefore > MAX_POSTPONED)
            throw await stillWaiting();
          if (dueInMs !== undefined && dueInMs > 0) {
            virtual.advance(dueInMs);
            await inbox.replay([]); // replays nothing, and makes the inbox look for due deliveries
          }
          await sleep(1);
        }
      } finally {
        await inbox.stop();
      }
    });
    before = result.catch(() => {});
    return result;
  }

  async function stillWaiting(): Promise<Error> {
    const [delivery] = (await inbox.list({ state: 'waiting', limit: 1 })).deliveries;
    return new Error(
      `After a week of virtual time or ${MAX_POSTPONED} postponed attempts, ${delivery?.event} ${delivery?.id} still waits: a handler throws RetryLater every time, the breaker of a limit never closes, or retry.maxAttempts is very high.`,
    );
  }

  async function waitFor(id: string, state: DeliveryState, timeoutMs: number): Promise<FullInboxDelivery> {
    const giveUpAt = performance.now() + timeoutMs;
    return run(async (dueInMs) => {
      const delivery = await inbox.get(id);
      if (delivery?.state === state) return delivery;
      const isOver = delivery && !['held', 'waiting', 'active'].includes(delivery.state);
      if (isOver || (delivery && dueInMs === undefined) || performance.now() > giveUpAt) {
        const error = delivery?.lastError === undefined ? '' : ` (${delivery.lastError})`;
        const is = delivery ? `is ${delivery.state}${error}` : 'was not received';
        throw new Error(`The delivery ${id} ${is}, and not ${state}.`);
      }
      return undefined;
    });
  }

  const { start: _start, stop: _stop, stopOnSignal: _signal, health: _health, ...kept } = inbox;
  return {
    ...kept,
    drain: async () => void (await run(async (dueInMs) => dueInMs === undefined || undefined)),
    waitFor: async (id, state = 'done', { timeoutMs = DEFAULT_WAIT_MS } = {}) =>
      waitFor(requireId(id), requireState(state), count('timeoutMs', timeoutMs, MAX_WAIT_MS)),
    replay: async (selection, replayOptions) => replays.replay(replaySelectionOf(selection), replayOptions),
    failures,
    get elapsedMs() {
      return virtual.aheadMs;
    },
  };
}
