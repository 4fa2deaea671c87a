import type { Ledger } from '@blue-webhooks/core';

/**
 * The same ledger in another process: its storage is shared, its object is not, so that no attempt is joined in memory.
 * Each call takes as long as `latencyMs` returns.
 */
export function asProcess(ledger: Ledger, latencyMs: () => number = () => 0): Ledger {
  const slow =
    <A extends unknown[], R>(call: (...args: A) => R | Promise<R>) =>
    async (...args: A): Promise<R> => {
      const ms = latencyMs();
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms / 2));
      const answer = await call(...args);
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms / 2));
      return answer;
    };
  return {
    leaseMs: ledger.leaseMs,
    ttlMs: ledger.ttlMs,
    begin: slow(ledger.begin),
    renew: slow(ledger.renew),
    finish: slow(ledger.finish),
    fail: slow(ledger.fail),
    release: slow(ledger.release),
    deadLetter: slow(ledger.deadLetter),
  };
}
