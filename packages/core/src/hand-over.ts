import type { Delivery } from './delivery';
import type { WebhookError } from './errors';

type Report = (error: WebhookError) => void;

/** Receives a delivery that keeps failing. */
export type DeadLetter = (delivery: Delivery, error: WebhookError) => unknown;

/**
 * Calls `deadLetter` once at a time for a delivery: requests that fail meanwhile wait for the same call.
 * @param onTaken runs when `deadLetter` has resolved, however late
 */
export function createHandOver(
  deadLetter: DeadLetter,
  onTaken: (delivery: Delivery, report: Report) => Promise<void>,
): (delivery: Delivery, error: WebhookError, report: Report) => Promise<void> {
  const underWay = new Map<string, Promise<void>>();
  return (delivery, error, report) => {
    const { id } = delivery;
    const present = underWay.get(id);
    if (present) return present;
    const handOver = (async () => {
      await deadLetter(delivery, error);
      await onTaken(delivery, report);
    })().finally(() => underWay.delete(id));
    underWay.set(id, handOver);
    return handOver;
  };
}
