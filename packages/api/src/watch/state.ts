import type { WebhookRow } from '../webhooks/webhook-row';

/**
 * What a watch sees: `healthy`; `off`, disabled after failures or by somebody; `gone`, deleted, or its user was; `foreign`, it
 * belongs to another user than the token; `changed`, its URL or lists are not the expected ones; `not-member`, its creator has
 * left a workspace, so that nothing of it is delivered; `silent`, the workspace changes but nothing arrives; `unknown`, the API
 * cannot be read.
 */
export type WatchState = 'healthy' | 'off' | 'gone' | 'foreign' | 'changed' | 'not-member' | 'silent' | 'unknown';

/** One look at the webhook. */
export interface Observation {
  readonly state: WatchState;
  /** In a sentence, for people. */
  readonly message: string;
  /** The webhook, where it could be read. */
  readonly webhook: WebhookRow | undefined;
}

/** A change of state. */
export interface WatchNotice extends Observation {
  /**
   * `down`: nothing is delivered. `warning`: something may be missing. `recovered`: healthy again. `gave-up`: still off after the
   * last try to enable it.
   */
  readonly kind: 'down' | 'warning' | 'recovered' | 'gave-up';
  readonly webhookId: string;
  readonly previous: WatchState;
  readonly at: Date;
  /** When the webhook was last seen healthy; with `recovered`, what changed since then was to be read again. */
  readonly since: Date | undefined;
  /** The runbook's page. */
  readonly page: string;
  /** With `recovered`: what `catchUp` returned, or that it failed and is retried. */
  readonly caughtUp?: unknown;
}

/** The runbook's page, in the documentation of blue-webhooks. */
export const runbook = 'docs/operations/disabled.md';

export const kindOf = (state: WatchState): WatchNotice['kind'] => {
  if (state === 'healthy') return 'recovered';
  return state === 'off' || state === 'gone' ? 'down' : 'warning';
};
