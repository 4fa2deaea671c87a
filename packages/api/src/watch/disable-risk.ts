/** A sign that Blue is about to disable the webhook. */
export type DisableRisk =
  /** The number of failures of one delivery; the fifth disables the webhook. */
  | { readonly kind: 'attempts'; readonly deliveryId: string; readonly attempts: number }
  /** The number of different deliveries that have failed in a short time. */
  | { readonly kind: 'several'; readonly deliveries: number };

/** When a risk is reported. */
export interface DisableRiskOptions {
  /** Called once for each delivery, and once for a burst. */
  readonly onRisk: (risk: DisableRisk) => unknown;
  /** The failure of one delivery from which on it is called. Defaults to 3; Blue disables at 5. */
  readonly attempts?: number | undefined;
  /** The number of failing deliveries that is a burst. Defaults to 5. */
  readonly deliveries?: number | undefined;
  /** The duration of a burst, in milliseconds. Defaults to 10 minutes. */
  readonly withinMs?: number | undefined;
  /** The milliseconds that have passed since some moment. Defaults to `performance.now`. */
  readonly now?: (() => number) | undefined;
}

const MAX_DELIVERIES = 10_000;

/**
 * Creates an `onFailure` hook for a receiver that reports when Blue is about to disable the webhook, while there is still time.
 *
 * @example
 * createReceiver({ secret, onFailure: watchDisableRisk({ onRisk: (risk) => console.error(risk) }) });
 */
export function watchDisableRisk(
  options: DisableRiskOptions,
): (error: unknown, context: { readonly deliveryId: string | undefined }) => void {
  const { onRisk, attempts = 3, deliveries = 5, withinMs = 600_000, now = () => performance.now() } = options;
  const failures = new Map<string, { count: number; lastMs: number }>();
  let burst = false;
  return (_, { deliveryId }) => {
    if (deliveryId === undefined) return; // not verified: anyone can cause those
    const atMs = now();
    const count = (failures.get(deliveryId)?.count ?? 0) + 1;
    failures.delete(deliveryId); // to the end, so that the first is the oldest
    failures.set(deliveryId, { count, lastMs: atMs });
    const [oldest] = failures.keys();
    if (failures.size > MAX_DELIVERIES && oldest !== undefined) failures.delete(oldest);
    if (count === attempts) onRisk({ kind: 'attempts', deliveryId, attempts });
    const recent = [...failures.values()].filter(({ lastMs }) => lastMs > atMs - withinMs).length;
    if (recent >= deliveries && !burst) onRisk({ kind: 'several', deliveries: recent });
    burst = recent >= deliveries;
  };
}
