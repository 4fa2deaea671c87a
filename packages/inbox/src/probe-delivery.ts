import type { NewDelivery } from './delivery';

/** The prefix of the ids of the deliveries that a health check stores and deletes again. */
export const PROBE = 'probe-';

/** About as long as a delivery, and random, so that it takes as much room. */
const PROBE_BYTES = 1_024;

/** Returns a delivery that stands for any other: where it can be stored, a delivery can be. */
export function probeDelivery(): NewDelivery {
  return {
    id: `${PROBE}${crypto.randomUUID()}`,
    event: 'WEBHOOK_HEALTH_CHECK',
    rawBody: Array.from(crypto.getRandomValues(new Uint8Array(PROBE_BYTES)), (byte) =>
      byte.toString(16).padStart(2, '0'),
    ).join(''),
    entityId: undefined,
    webhookId: undefined,
    receivedAt: new Date(),
    signature: 'unsigned',
    secretId: undefined,
    lane: undefined,
    entityUpdatedAt: undefined,
    trace: undefined,
  };
}
