/**
 * Returns how long ago a delivery was received, in milliseconds; 0 if that is in the future by this machine's clock, since another
 * machine may have received it.
 */
export function oldestWaitingMs(receivedAt: number | undefined): number | undefined {
  return receivedAt === undefined ? undefined : Math.max(0, Date.now() - receivedAt);
}
