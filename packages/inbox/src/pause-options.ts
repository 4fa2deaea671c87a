import { kindOf } from '@blue-webhooks/core/adapter';
import type { Pause, PauseOptions, PauseScope } from './pauses';
import { requireDate } from './queries';

const MAX_REASON_LENGTH = 1_000;
const MAX_BY_LENGTH = 200;
/** Longer than every name and id of Blue. */
const MAX_SCOPE_LENGTH = 200;

/** @throws TypeError for an invalid scope */
export function requireScope(scope: unknown): PauseScope {
  requireObject(scope);
  const { event, webhookId } = scope as PauseScope;
  return {
    event: optionalText('event', event, MAX_SCOPE_LENGTH),
    webhookId: optionalText('webhookId', webhookId, MAX_SCOPE_LENGTH),
  };
}

/** @throws TypeError for an invalid pause, or one without a reason */
export function requirePause(pause: unknown): Pause {
  const { event, webhookId } = requireScope(pause);
  const { reason, by, since } = pause as Pause;
  const stored = requireDate('since', since);
  if (stored === undefined) throw new TypeError('since is missing.');
  return {
    event,
    webhookId,
    reason: requireText('reason', reason, MAX_REASON_LENGTH),
    by: optionalText('by', by, MAX_BY_LENGTH),
    since: stored,
  };
}

/** Returns a new pause, which begins now. @throws TypeError for an invalid option */
export function newPause(options: PauseOptions): Pause {
  requireObject(options);
  return requirePause({ ...options, since: new Date() });
}

function requireObject(options: unknown): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  throw new TypeError(
    `What is paused must be an object, got ${kindOf(options)}: { event: 'TODO_MOVED', reason: '…' }.`,
  );
}

function requireText(name: string, value: unknown, max: number): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= max) return value;
  const got = typeof value === 'string' ? `${value.length} characters` : kindOf(value);
  throw new TypeError(`${name} must be a string of 1 to ${max} characters that is not blank, got ${got}.`);
}

const optionalText = (name: string, value: unknown, max: number): string | undefined =>
  value === undefined ? undefined : requireText(name, value, max);
