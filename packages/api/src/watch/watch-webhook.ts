import type { Receiver } from '@blue-webhooks/core';
import { DriverError, notify, requireFunctions } from '@blue-webhooks/core/adapter';
import type { BlueClient } from '../client';
import { sleep } from '../clock';
import { requireId } from '../webhooks/require-id';
import { type Expectation, observeWebhook } from './observe';
import { createRecovery, type RecoveryOptions } from './recovery';
import { kindOf, type Observation, runbook as ourRunbook, type WatchNotice, type WatchState } from './state';

/** Where notices go: a function of your own, or `incomingWebhook(url)`. */
export type Sink = (notice: WatchNotice) => unknown;

/** Which webhook is watched, what is expected of it, and what is done when it is off. */
export interface WatchOptions extends Omit<Expectation, 'silentAfterMs' | 'watchedSinceMs'>, RecoveryOptions {
  /** Called once for each change of state. What it throws goes to `onError`. */
  readonly onChange: Sink | readonly Sink[];
  /** Called with what a sink, the self-test or `catchUp` threw. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
  /** The time between two looks, in milliseconds. Defaults to 60,000. */
  readonly everyMs?: number | undefined;
  /** How long nothing may arrive while a workspace changes, in milliseconds. Defaults to one hour. Needs `lastDeliveryAt`. */
  readonly silentAfterMs?: number | undefined;
  /** Where your runbook is, for notices. Defaults to `docs/operations/disabled.md`, the page of blue-webhooks. */
  readonly runbook?: string | undefined;
  /** Used for the self-test of `url`, unless `selfTest` is given. */
  readonly receiver?: Pick<Receiver, 'selfTest'> | undefined;
}

/** A watch that runs. */
export interface WebhookWatch {
  readonly state: WatchState;
  /** Looks now, and returns what it saw. */
  check(): Promise<Observation>;
  /** Ends the watch. Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** How many times in a row the API must be unreadable before that is reported. */
const UNREADABLE_TIMES = 3;

/**
 * Watches a webhook and, when it is off, brings it back: self-test, drained inbox, `updateWebhook(enabled: true)`, a look at the
 * result, `catchUp`. Sends no mutation while the webhook is healthy, and none while the self-test fails.
 * @throws TypeError if an option is invalid
 */
export function watchWebhook(client: BlueClient, options: WatchOptions): WebhookWatch {
  const { everyMs = 60_000, silentAfterMs = 3_600_000, webhookId, runbook = ourRunbook } = options;
  requireId('webhookId', webhookId);
  if (!(everyMs >= 1_000)) throw new TypeError('`everyMs` must be at least 1,000 milliseconds.');
  const sinks = [options.onChange].flat();
  if (!sinks.every((sink) => typeof sink === 'function'))
    throw new TypeError('`onChange` must be a function or several.');
  const { clock } = client;
  const expected: Expectation = { ...options, silentAfterMs, watchedSinceMs: clock.now() };
  const controller = new AbortController();
  const { signal } = controller;
  requireFunctions({ onError: options.onError });
  const fail = (error: unknown) => notify(undefined, options.onError, error);
  const recovery = createRecovery(client, webhookId, { ...options, selfTest: selfTestOf(options) }, fail);
  let state: WatchState = 'healthy';
  let unreadable = 0;
  let queue: Promise<unknown> = Promise.resolve();

  async function look(): Promise<Observation> {
    const seen = await observeWebhook(client, expected, signal);
    unreadable = seen.state === 'unknown' ? unreadable + 1 : 0;
    if (seen.state === 'unknown' && unreadable < UNREADABLE_TIMES) return seen;
    // What is down stays down until it was seen otherwise.
    if (seen.state === 'unknown' && (state === 'off' || state === 'gone')) return seen;
    if (seen.state === 'off') return down(seen);
    if (seen.webhook?.enabled) await caughtUp(seen);
    else change(seen);
    return seen;
  }

  async function down(seen: Observation): Promise<Observation> {
    recovery.off(seen.webhook);
    change(seen);
    const result = await recovery.attempt(signal);
    if (result === 'gave-up') announce({ ...seen, kind: 'gave-up', previous: 'off', message: recovery.problem });
    if (result !== 'enabled') return seen;
    const again = await observeWebhook(client, expected, signal);
    if (again.webhook?.enabled) await caughtUp(again);
    return again;
  }

  /** Reads what was missed, once the webhook is enabled again, and reports that it is. */
  async function caughtUp(seen: Observation): Promise<void> {
    const { since } = recovery;
    const report = await recovery.on(signal);
    change(seen, since, report);
  }

  function change(seen: Observation, since = recovery.since, report?: unknown): void {
    if (seen.state === state) return;
    const previous = state;
    state = seen.state;
    announce({ ...seen, kind: kindOf(state), previous, ...(report === undefined ? {} : { caughtUp: report }) }, since);
  }

  /** Hands a notice to the sinks, in order, and waits for none of them: one that hangs must not end the watch. */
  function announce(notice: Omit<WatchNotice, 'webhookId' | 'at' | 'since' | 'page'>, since = recovery.since): void {
    const complete = { ...notice, webhookId, at: new Date(clock.now()), since, page: runbook };
    for (const sink of sinks) {
      Promise.resolve()
        .then(() => sink(complete))
        .catch((error: unknown) => fail(DriverError.from(error)));
    }
  }

  const check = (): Promise<Observation> => {
    const turn = queue.then(look);
    queue = turn.catch(fail);
    return turn;
  };

  const run = async () => {
    while (!signal.aborted) {
      await check().catch(() => {});
      await sleep(clock, recovery.pauseMs(everyMs), signal).catch(() => {});
    }
  };
  const running = run();

  return {
    get state() {
      return state;
    },
    check,
    async stop() {
      controller.abort(new DOMException('The watch was stopped.', 'AbortError'));
      await running;
      await queue;
    },
  };
}

function selfTestOf({ selfTest, receiver, url, webhookId }: WatchOptions): RecoveryOptions['selfTest'] {
  if (selfTest) return selfTest;
  return receiver && url !== undefined ? () => receiver.selfTest(String(url), { webhookId }) : undefined;
}
