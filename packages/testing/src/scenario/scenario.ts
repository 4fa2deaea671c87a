import { seededRandom } from '../random';
import type { ScenarioStep } from './journal';
import { beginnings, live } from './life';
import { createRecord } from './record-actions';
import { Workspace } from './workspace';

/** How long and how busy the scenario is. */
export interface ScenarioOptions {
  /** An integer: the same seed produces the same bytes. Defaults to 1. */
  readonly seed?: number | undefined;
  /** How many days it lasts, each of ten working hours. Defaults to 1. */
  readonly days?: number | undefined;
  /** How many records are created. Defaults to 20. Each causes about ten events. */
  readonly records?: number | undefined;
  /** Its start, in ISO 8601 or as a `Date`. Defaults to `2026-01-13T08:00:00.000Z`. */
  readonly startAt?: string | Date | undefined;
}

const DAY_MS = 86_400_000;
const WORKING_DAY_MS = 10 * 3_600_000;
const STEPS_PER_RECORD = 10;

/**
 * Simulates the work in a workspace: lists, tags and custom fields are set up, records are created, moved, assigned, filled
 * in, done, commented, deleted. Every row is consistent with the rows before it, and each step lists its changes. Generates
 * the steps lazily, and again for each iteration; memory depends only on the existing entities.
 *
 * @example
 * for (const { payload } of scenario({ seed: 7, records: 50 })) await blue.emit(payload);
 * @throws TypeError if `seed` is not an integer, `days` or `records` is not a positive integer, or `startAt` is not a date
 */
export function scenario(options: ScenarioOptions = {}): Iterable<ScenarioStep> {
  const { seed = 1, days = 1, records = 20, startAt = '2026-01-13T08:00:00.000Z' } = options;
  requireCount('days', days);
  requireCount('records', records);
  const startMs = new Date(startAt).getTime();
  if (Number.isNaN(startMs)) throw new TypeError('startAt must be a date, such as 2026-01-13T08:00:00.000Z.');
  seededRandom(seed); // throws if the seed is invalid
  return { [Symbol.iterator]: () => steps(seed, days, records, startMs) };
}

function* steps(seed: number, days: number, records: number, startMs: number): Generator<ScenarioStep, void> {
  const workspace = new Workspace(seededRandom(seed), startMs);
  const { journal } = workspace;
  const count = beginnings.length + records * STEPS_PER_RECORD;
  let created = 0;
  for (let place = 0; place < count; place++) {
    journal.nowMs = Math.max(journal.nowMs + 1, momentOf((place + workspace.random()) / count));
    const beginning = beginnings[place];
    const isDue = created * (count - beginnings.length) <= (place - beginnings.length) * records;
    if (!beginning && isDue) created += 1;
    yield (beginning ?? (isDue ? createRecord : live))(workspace) as ScenarioStep;
  }

  /** Returns the time at this fraction of the working hours. */
  function momentOf(share: number): number {
    const day = Math.floor(share * days);
    return startMs + day * DAY_MS + Math.floor((share * days - day) * WORKING_DAY_MS);
  }
}

function requireCount(name: string, count: number): void {
  if (Number.isSafeInteger(count) && count > 0) return;
  throw new TypeError(`${name} must be a positive integer.`);
}
