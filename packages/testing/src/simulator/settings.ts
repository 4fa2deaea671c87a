import type { SecretValue } from '@blue-webhooks/core';
import type { ApiOptions } from '../api/options';
import type { SubscribableEvent } from '../payload';
import { type Random, seededRandom } from '../random';
import type { WebhookRow } from '../rows/webhook';
import type { Backoff, CompleteBackoff } from './backoff';
import { type Clock, systemClock } from './clock';
import type { Attempt } from './report';
import type { Fetch } from './send';
import { isSubscribable } from './subscription';
import { targetOf } from './target';

/** The content of the e-mail to the webhook's creator. */
export interface Disabled {
  /** The webhook, disabled. */
  readonly webhook: WebhookRow;
  /** The fifth failure, which disabled the webhook. */
  readonly attempt: Attempt;
  /** The number of waiting deliveries that are dropped. */
  readonly dropped: number;
}

/** The target and the behaviour of the simulated Blue. */
export interface SimulatorOptions {
  /** The URL of your receiver, on this machine. */
  readonly url: string | URL;
  /** The secret that signs the deliveries; configure your receiver with the same one. */
  readonly secret: SecretValue;
  /** The events that the webhook subscribes to. Defaults to all of them. */
  readonly events?: readonly SubscribableEvent[] | undefined;
  /** The workspaces that it subscribes to. Defaults to all of them. */
  readonly projectIds?: readonly string[] | undefined;
  /** The webhook's id, for a receiver of several webhooks. */
  readonly id?: string | undefined;
  /** The webhook's name. Defaults to none. */
  readonly name?: string | undefined;
  /** The delay between the change and the first attempt, in milliseconds. Defaults to 5,000. */
  readonly delayMs?: number | undefined;
  /** The delays between attempts. Defaults to 1, 2, 4 and 8 seconds. */
  readonly backoff?: Backoff | undefined;
  /** The maximum number of concurrent requests. Defaults to 1, so that events arrive in order unless one is retried. */
  readonly concurrency?: number | undefined;
  /** The share of delivered events, from 0 to 1, that are delivered again. Defaults to 0. */
  readonly duplicateRate?: number | undefined;
  /** The share of events, from 0 to 1, that are delayed by up to ten seconds, so that later ones overtake them. Defaults to 0. */
  readonly reorderRate?: number | undefined;
  /** The random source for jitter, duplicates and reordering. Defaults to `seededRandom(1)`, so that runs are repeatable. */
  readonly random?: Random | undefined;
  /** Defaults to `systemClock`. With `createVirtualClock()`, a night of retries takes milliseconds. */
  readonly clock?: Clock | undefined;
  /** Sends the requests. Defaults to the runtime's own `fetch`. `receiver.fetch` or a Hono app's `fetch` needs no server. */
  readonly fetch?: Fetch | undefined;
  /** Allow a receiver that is not on this machine. */
  readonly allowRemote?: boolean | undefined;
  /** The tokens and the behaviour of `blue.api`. */
  readonly api?: ApiOptions | undefined;
  /** Called after every request. Its errors are ignored. */
  readonly onAttempt?: ((attempt: Attempt) => unknown) | undefined;
  /** Called when five failures have disabled the webhook, when Blue would send an e-mail. Its errors are ignored. */
  readonly onDisabled?: ((disabled: Disabled) => unknown) | undefined;
}

/** The options, checked and complete. */
export interface Settings {
  url: URL;
  readonly secret: NonNullable<SecretValue>;
  events: readonly SubscribableEvent[];
  projectIds: readonly string[];
  readonly createdById: string;
  readonly allowRemote: boolean;
  readonly id: string;
  readonly name: string | null;
  readonly delayMs: number;
  readonly backoff: CompleteBackoff;
  readonly concurrency: number;
  readonly duplicateRate: number;
  readonly reorderRate: number;
  readonly random: Random;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly onAttempt: SimulatorOptions['onAttempt'];
  readonly onDisabled: SimulatorOptions['onDisabled'];
}

/** @throws TypeError if an option is invalid, with the fix */
export function settingsOf(options: SimulatorOptions): Settings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createBlueSimulator needs options: createBlueSimulator({ url, secret }).');
  }
  const { backoff = {}, concurrency = 1, random = seededRandom(1), clock = systemClock } = options;
  return {
    url: targetOf(options.url, options.allowRemote === true),
    secret: requireSecret(options.secret),
    events: requireEvents(options.events ?? []),
    projectIds: requireTexts('projectIds', options.projectIds ?? []),
    createdById: 'claksl2ye0000vtas0h0ln71e',
    allowRemote: options.allowRemote === true,
    id: options.id ?? 'clm4n8qwx000008l0g4oxdqn7',
    name: options.name ?? null,
    delayMs: requireMs('delayMs', options.delayMs ?? 5_000),
    backoff: requireBackoff(backoff),
    concurrency: requireConcurrency(concurrency),
    duplicateRate: requireShare('duplicateRate', options.duplicateRate ?? 0),
    reorderRate: requireShare('reorderRate', options.reorderRate ?? 0),
    random,
    clock,
    // Read at each request, so that a test can replace the global `fetch`.
    fetch: options.fetch ?? ((request) => fetch(request)),
    onAttempt: options.onAttempt,
    onDisabled: options.onDisabled,
  };
}

function requireSecret(secret: SecretValue): NonNullable<SecretValue> {
  if (typeof secret === 'string' ? secret.trim() !== '' : ArrayBuffer.isView(secret) && secret.byteLength > 0) {
    return secret as NonNullable<SecretValue>;
  }
  throw new TypeError('secret must be a non-empty string or bytes: pass the secret of your receiver.');
}

function requireEvents(events: readonly SubscribableEvent[]): readonly SubscribableEvent[] {
  const stranger = requireTexts('events', events).find((name) => !isSubscribable(name));
  if (stranger === undefined) return [...events];
  throw new TypeError(
    `events contains '${stranger}', which is not a Blue event: see eventNames of @blue-webhooks/core.`,
  );
}

function requireTexts(name: string, list: readonly string[]): readonly string[] {
  if (Array.isArray(list) && list.every((text) => typeof text === 'string')) return [...list];
  throw new TypeError(`${name} must be a list of strings; an empty list means all.`);
}

function requireBackoff({ type = 'exponential', delayMs = 1_000, jitter = 0 }: Backoff): CompleteBackoff {
  if (type !== 'exponential' && type !== 'fixed') throw new TypeError("backoff.type must be 'exponential' or 'fixed'.");
  return { type, delayMs: requireMs('backoff.delayMs', delayMs), jitter: requireShare('backoff.jitter', jitter) };
}

export function requireMs(name: string, ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new TypeError(`${name} must be a number of milliseconds, 0 or more.`);
}

function requireShare(name: string, share: number): number {
  if (typeof share === 'number' && share >= 0 && share <= 1) return share;
  throw new TypeError(`${name} must be a number from 0 to 1.`);
}

function requireConcurrency(concurrency: number): number {
  if (concurrency === Number.POSITIVE_INFINITY || (Number.isInteger(concurrency) && concurrency > 0))
    return concurrency;
  throw new TypeError('concurrency must be a positive integer, or Infinity.');
}
