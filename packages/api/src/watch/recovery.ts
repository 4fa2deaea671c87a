import { DriverError } from '@blue-webhooks/core/adapter';
import type { BlueClient } from '../client';
import { elapsedMs, within } from '../clock';
import { BlueApiError } from '../errors';
import type { WebhookRow } from '../webhooks/webhook-row';

/** The time that `catchUp` should read again. */
export interface Gap {
  readonly since: Date;
}

/** An inbox, as far as its backlog goes. */
export interface Drainable {
  /** Returns how many deliveries are left. */
  stats(): Promise<{ readonly held: number; readonly waiting: number; readonly active: number }>;
}

/** What happens while a webhook is off. */
export interface RecoveryOptions {
  /** Whether a disabled webhook is enabled again. Defaults to `true`, which needs `selfTest`, or `receiver` and `url`. */
  readonly recover?: boolean | ((webhook: WebhookRow) => boolean) | undefined;
  /** Sends a signed request to the public URL; rejects if that fails. No enabling is tried before it resolves. */
  readonly selfTest?: (() => Promise<unknown>) | undefined;
  /** The inbox that should be empty before more arrives. */
  readonly inbox?: Drainable | undefined;
  /** How many deliveries may be left in the inbox. Defaults to 0. */
  readonly maxWaiting?: number | undefined;
  /** How long to wait for the inbox at most, in milliseconds. Defaults to 10 minutes. */
  readonly drainWithinMs?: number | undefined;
  /** How often enabling is tried. Defaults to 8. */
  readonly maxTries?: number | undefined;
  /** Reads what was missed, such as `({ since }) => catchUp({ client, since, … })`. Retried until it resolves. */
  readonly catchUp?: ((gap: Gap) => Promise<unknown>) | undefined;
}

/** The way back from a disabled webhook. */
export interface Recovery {
  /** When the webhook was last seen healthy, while something may be missed. */
  readonly since: Date | undefined;
  /** Why the last attempt did not succeed. */
  readonly problem: string;
  /** The webhook was seen disabled. */
  off(webhook: WebhookRow | undefined): void;
  /** Goes as far towards enabling as the endpoint allows. */
  attempt(signal: AbortSignal): Promise<'waiting' | 'enabled' | 'gave-up'>;
  /** The webhook was seen enabled: reads what was missed, if anything was, and returns the report. */
  on(signal: AbortSignal): Promise<unknown>;
  /** The pause before the next look, in milliseconds. */
  pauseMs(everyMs: number): number;
}

/** Blue itself waits 7 seconds for an answer. */
const TEST_WITHIN_MS = 15_000;
const STATS_WITHIN_MS = 10_000;
const LONGEST_PAUSE_MS = 600_000;
/** Deliveries that were waiting when the webhook was disabled are older than that. */
const BACKLOG_MS = 900_000;

export function createRecovery(
  client: BlueClient,
  webhookId: string,
  options: RecoveryOptions,
  fail: (error: unknown) => void,
): Recovery {
  const { recover = true, selfTest, inbox, maxWaiting = 0, drainWithinMs = 600_000, maxTries = 8, catchUp } = options;
  const { clock } = client;
  let healthyAtMs: number | undefined;
  let sinceMs: number | undefined;
  let webhook: WebhookRow | undefined;
  let drainingSinceMs: number | undefined;
  let failures = 0;
  let tries = 0;
  let gaveUp = false;
  let problem = '';

  const wait = (reason: string): 'waiting' => {
    problem = reason;
    failures += 1;
    return 'waiting';
  };

  async function isDrained(): Promise<boolean> {
    if (!inbox) return true;
    drainingSinceMs ??= elapsedMs(clock);
    if (elapsedMs(clock) - drainingSinceMs >= drainWithinMs) return true;
    const { held, waiting, active } = await within(clock, STATS_WITHIN_MS, inbox.stats(), 'The inbox');
    return held + waiting + active <= maxWaiting;
  }

  async function attempt(signal: AbortSignal): Promise<'waiting' | 'enabled' | 'gave-up'> {
    const wanted = typeof recover === 'function' ? webhook !== undefined && recover(webhook) : recover;
    if (!wanted || gaveUp) return 'waiting';
    if (!selfTest)
      return wait(
        'Nothing tests the endpoint, so the webhook is not enabled: pass `receiver` and `url`, or `selfTest`.',
      );
    try {
      await within(clock, TEST_WITHIN_MS, Promise.resolve(selfTest()), 'The self-test');
    } catch (error) {
      fail(error);
      return wait('The self-test of the endpoint fails.');
    }
    try {
      if (!(await isDrained())) return wait('The inbox is not drained yet.');
    } catch (error) {
      fail(DriverError.from(error));
      return wait('The inbox cannot be read.');
    }
    try {
      // It may have been enabled meanwhile: the health check could disable a healthy webhook.
      if (await isEnabled(signal)) return 'enabled';
      tries += 1;
      await enable(signal);
      if (await isEnabled(signal)) return 'enabled';
      problem = 'Blue sent its health check, but the webhook stayed disabled: the check failed.';
    } catch (error) {
      problem = `The webhook could not be enabled (${BlueApiError.is(error) ? error.code : 'unexpected error'}).`;
      fail(error);
    }
    failures += 1;
    if (tries < maxTries) return 'waiting';
    gaveUp = true;
    problem = `${problem} It is still disabled after ${tries} tries.`;
    return 'gave-up';
  }

  async function isEnabled(signal: AbortSignal): Promise<boolean> {
    return (await client.run('Webhook', { id: webhookId }, { signal })).webhook.enabled === true;
  }

  /** The response does not matter: it can be lost, and a failed check is not an error. */
  async function enable(signal: AbortSignal): Promise<void> {
    try {
      await client.run('UpdateWebhook', { input: { webhookId, enabled: true } }, { signal });
    } catch (error) {
      if (!BlueApiError.is(error) || !error.unclear) throw error;
    }
  }

  return {
    get since() {
      return sinceMs === undefined ? undefined : new Date(sinceMs);
    },
    get problem() {
      return problem;
    },
    off(seen) {
      webhook = seen;
      const disabledAtMs = seen ? Date.parse(seen.updatedAt) : clock.now();
      sinceMs ??= Math.min(healthyAtMs ?? disabledAtMs, disabledAtMs) - BACKLOG_MS;
    },
    attempt,
    async on() {
      healthyAtMs = clock.now();
      if (sinceMs === undefined) return undefined;
      ({ failures, tries, gaveUp, drainingSinceMs } = {
        failures: 0,
        tries: 0,
        gaveUp: false,
        drainingSinceMs: undefined,
      });
      try {
        const report = await catchUp?.({ since: new Date(sinceMs) });
        sinceMs = undefined;
        return report;
      } catch (error) {
        fail(error);
        return { failed: true };
      }
    },
    pauseMs: (everyMs) =>
      failures === 0 ? everyMs : Math.min(everyMs * 2 ** (failures - 1), Math.max(everyMs, LONGEST_PAUSE_MS)),
  };
}
