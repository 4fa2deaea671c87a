import type { NewEntry } from '../entry';

let count = 0;

/** A delivery that no one has seen before, received a millisecond after the one before. */
export function entry(overrides: Partial<NewEntry> = {}): NewEntry {
  count += 1;
  const id = count.toString(16).padStart(32, '0');
  return {
    id,
    event: 'TODO_MOVED',
    entityId: `entity ${count}`,
    webhookId: 'webhook',
    receivedAt: new Date(Date.now() - 60_000 + count),
    rawBody: JSON.stringify({ event: 'TODO_MOVED', id }),
    signature: 'verified',
    secretId: '0',
    trace: undefined,
    lane: undefined,
    entityUpdatedAt: undefined,
    ...overrides,
  };
}

/** Deliveries of one lane, in order. */
export function laneOf(lane: string, length: number, overrides: Partial<NewEntry> = {}): NewEntry[] {
  return Array.from({ length }, () => entry({ lane, entityId: lane, ...overrides }));
}
