import type { NewDelivery } from '../delivery';

let count = 0;

/** Returns a new delivery, received a millisecond after the previous one. */
export function delivery(overrides: Partial<NewDelivery> = {}): NewDelivery {
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

/** Returns deliveries of one lane, in order. */
export function laneOf(lane: string, length: number, overrides: Partial<NewDelivery> = {}): NewDelivery[] {
  return Array.from({ length }, () => delivery({ lane, entityId: lane, ...overrides }));
}
