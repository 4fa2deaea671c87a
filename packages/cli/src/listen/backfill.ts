import type { Delivery as CoreDelivery } from '@blue-webhooks/core';
import type { Announcer } from './announcer';
import type { Journal } from './journal';
import type { SizeLimit } from './size-limit';

/** Where events are recorded that `catch-up` has stored in the inbox. */
export interface BackfillRecorder {
  readonly journal: Journal;
  readonly sizeLimit: SizeLimit;
  readonly announcer: Announcer;
}

/** The answer that a delivery would have got. */
const STATUS = 204;

/**
 * Records an event that did not arrive, but was read from Blue's API, with the headers that your app gets. A failure to record does
 * not affect its handling.
 */
export async function recordBackfill(
  { id, rawBody, receivedAt, drift }: CoreDelivery,
  headers: readonly string[],
  { journal, sizeLimit, announcer }: BackfillRecorder,
): Promise<void> {
  if (journal.byId(id)) return; // handled again
  const body = Buffer.from(rawBody);
  const arrival = {
    receivedAtMs: receivedAt.getTime(),
    path: '',
    headers,
    body,
    status: STATUS,
    code: undefined,
    durationMs: 0,
    deliveryId: id,
    drift,
    backfilled: true,
  };
  try {
    announcer.backfilled(await sizeLimit.within(body.length, () => journal.arrived(arrival)));
  } catch (error) {
    announcer.notRecorded(error as Error, { status: STATUS, code: undefined, deliveryId: id });
  }
}
