import type { LimitRule } from './limit-options';
import type { LimitStats } from './limits';
import type { StoredLimits } from './store';

/** What is stored about a key, as JSON. */
export interface LimitState {
  /** The leases of the attempts that run. One that has ended, or whose process has died, is no longer active in the store. */
  readonly running?: readonly string[];
  /** How many attempts began in which second since 1970. */
  readonly starts?: readonly (readonly [second: number, count: number])[];
  /** Until when no further attempt may begin, because of `starts`. */
  readonly fullUntil?: number;
  /** The failed attempts in a row, and what the last of them threw. */
  readonly failures?: number;
  readonly lastError?: string;
  /** Of an open breaker: since when, when the next attempt may begin, and the lease of the one that runs. */
  readonly open?: { readonly since: number; readonly probeAt: number; readonly probe?: string };
}

/** What a change of the state is computed from. */
export type Moment = Pick<StoredLimits, 'now' | 'active'>;

const MAX_STATS = 1_000;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/**
 * A second of starts counts until all of its attempts began more than a minute ago, and a second longer, because an attempt
 * begins a moment after it was counted.
 */
const COUNTED_MS = 62 * SECOND_MS;

/** Identifies a lease among all leases of a store. */
export const holderOf = (token: string, id: string): string => `${token} ${id}`;

/** Keys of different limits never meet: a key is stored with the place of its limit. */
export const storedKey = (place: number, key: string): string => `${place}:${key}`;
/** Returns the key as the option returned it. */
export const shownKey = (stored: string): string => stored.slice(stored.indexOf(':') + 1);
/** Returns what a delivery shows that waits for the limit of a stored key. */
export const waitingFor = (stored: string | null | undefined): { readonly limitKey?: string } =>
  stored ? { limitKey: shownKey(stored) } : {};
/** Returns the place of a stored key's limit. */
export const placeOf = (stored: string): number => Number.parseInt(stored, 10);

export const parseState = (text: string | undefined): LimitState =>
  text === undefined ? {} : (JSON.parse(text) as LimitState);

const counted = ({ starts = [] }: LimitState, now: number) =>
  starts.filter(([second]) => second * SECOND_MS > now - COUNTED_MS && second * SECOND_MS <= now);
const sum = (starts: readonly (readonly [number, number])[]) => starts.reduce((total, [, count]) => total + count, 0);
const runningNow = ({ running = [] }: LimitState, { active }: Moment) => running.filter((holder) => active.has(holder));

/** Returns how many attempts may begin now. */
export function roomOf(rule: LimitRule, state: LimitState, moment: Moment): number {
  const { concurrency, perMinute, breaker } = rule;
  const rooms = [Number.POSITIVE_INFINITY];
  if (concurrency !== undefined) rooms.push(concurrency - runningNow(state, moment).length);
  if (perMinute !== undefined) rooms.push(perMinute - sum(counted(state, moment.now)));
  if (breaker && state.open) rooms.push(mayProbe(state.open, breaker.pauseMs, moment) ? 1 : 0);
  return Math.max(0, Math.min(...rooms));
}

/** One whose time is further ahead than a pause was set before the clock was turned back. */
function mayProbe({ probe, probeAt }: NonNullable<LimitState['open']>, pauseMs: number, { now, active }: Moment) {
  if (probe !== undefined && active.has(probe)) return false;
  return probeAt <= now || probeAt > now + pauseMs;
}

/** Returns the state after an attempt has begun. */
export function begun(rule: LimitRule, state: LimitState, holder: string, moment: Moment): LimitState {
  const { concurrency, perMinute, breaker } = rule;
  const { now } = moment;
  let next = state;
  if (concurrency !== undefined) next = { ...next, running: [...runningNow(state, moment), holder] };
  if (perMinute !== undefined) next = { ...next, ...started(state, perMinute, now) };
  if (breaker && state.open) {
    next = { ...next, open: { since: state.open.since, probeAt: now + breaker.pauseMs, probe: holder } };
  }
  return next;
}

function started(state: LimitState, perMinute: number, now: number): Pick<LimitState, 'starts' | 'fullUntil'> {
  const second = Math.floor(now / SECOND_MS);
  const others = counted(state, now).filter(([other]) => other !== second);
  const here = sum(counted(state, now)) - sum(others) + 1;
  const starts = [...others, [second, here] as const];
  const [oldest = second] = starts[0] ?? [];
  return { starts, fullUntil: sum(starts) >= perMinute ? oldest * SECOND_MS + COUNTED_MS : 0 };
}

/** The state after an attempt, and whether its breaker has opened or closed. */
export interface Ended {
  readonly state: LimitState;
  readonly change: 'opened' | 'closed' | undefined;
}

/** Returns the state after an attempt has failed with an error, or has succeeded. */
export function ended(
  rule: LimitRule,
  state: LimitState,
  holder: string,
  error: string | undefined,
  now: number,
): Ended {
  const { open, failures = 0, lastError: _, ...others } = state;
  const { breaker } = rule;
  if (!breaker) return { state, change: undefined };
  if (open) {
    // One that began before the breaker opened proves nothing about now.
    if (open.probe !== holder) return { state, change: undefined };
    if (error === undefined) return { state: others, change: 'closed' };
    const probed = { since: open.since, probeAt: now + breaker.pauseMs };
    return { state: { ...others, failures, lastError: error, open: probed }, change: undefined };
  }
  if (error === undefined) return { state: others, change: undefined };
  const failed = { ...others, failures: failures + 1, lastError: error };
  if (failed.failures < breaker.failures) return { state: failed, change: undefined };
  return { state: { ...failed, open: { since: now, probeAt: now + breaker.pauseMs } }, change: 'opened' };
}

/** A state as text, `undefined` if there is nothing to store, and when it can be forgotten. */
export function toStored(state: LimitState, { now, active }: Moment) {
  const running = runningNow(state, { now, active });
  const starts = counted(state, now);
  const { open, failures = 0 } = state;
  const isEmpty = running.length === 0 && starts.length === 0 && failures === 0 && !open;
  return {
    state: isEmpty ? undefined : JSON.stringify(state),
    expiresAt: running.length > 0 || open ? undefined : now + DAY_MS,
  };
}

/** Returns until when no attempt may begin, in milliseconds since 1970; 0 if nothing but `concurrency` limits them. */
export const opensAt = ({ fullUntil = 0, open }: LimitState): number => Math.max(fullUntil, open?.probeAt ?? 0);

function limitStatsOf(stored: string, text: string, moment: Moment): LimitStats {
  const state = parseState(text);
  const { open, failures = 0, lastError } = state;
  const at = opensAt(state);
  return {
    key: shownKey(stored),
    running: runningNow(state, moment).length,
    lastMinute: sum(counted(state, moment.now)),
    failures,
    lastError,
    openSince: open && new Date(open.since),
    opensAt: at > moment.now ? new Date(at) : undefined,
  };
}

/** Returns what `stats()` shows: the open breakers first, then by key. */
export function allLimitStats({ states, ...moment }: StoredLimits): readonly LimitStats[] {
  const isOpen = ({ openSince }: LimitStats) => (openSince ? 0 : 1);
  return [...states]
    .map(([key, text]) => limitStatsOf(key, text, moment))
    .filter(({ running, lastMinute, failures, openSince }) => running + lastMinute + failures > 0 || openSince)
    .sort((a, b) => isOpen(a) - isOpen(b) || (a.key < b.key ? -1 : 1))
    .slice(0, MAX_STATS);
}

/**
 * Returns how many of the deliveries that wait for a key may be leased: any number without a limit at its place, because the worker
 * has other limits than the one that made them wait.
 */
export function roomFor(key: string, rules: readonly LimitRule[], { states, ...moment }: StoredLimits): number {
  const rule = rules[placeOf(key)];
  return rule ? roomOf(rule, parseState(states.get(key)), moment) : Number.POSITIVE_INFINITY;
}
