import type { Delivery } from '@blue-webhooks/core';
import { digest } from './backfill-event';

/**
 * Returns an id of the change that a delivery reports: equal for the deliveries of two webhooks that live at the same time, as
 * during a rotation. Covers `event`, `previousValue` and `currentValue` of the verified bytes, not `webhook`.
 *
 * Two changes that are alike in all three, such as a record without `updatedAt` that is renamed twice to and fro, have the same
 * id: a ledger that drops the second loses it.
 */
export async function changeId({ rawBody }: Pick<Delivery, 'rawBody'>): Promise<string> {
  const { webhook: _, ...change } = JSON.parse(rawBody) as Record<string, unknown>;
  return digest(canonical(change));
}

/** JSON with sorted keys: the order of columns says nothing. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}
