import type { Ledger } from '@blue-webhooks/core';
import { DriverError, MAX_TIMER_MS, within } from '@blue-webhooks/core/adapter';
import { EventTokenError } from './errors';

/** The ledger's result for a token: it must be handled now, was handled before, or is being handled. */
export type Turn = HandleNow | { readonly state: 'done' } | { readonly state: 'in-progress' };

/** The token must be handled now, under a lease that is renewed until the result is recorded. Neither function rejects. */
interface HandleNow {
  readonly state: 'new';
  /** Records that the token was handled. */
  finish(): Promise<void>;
  /** Records that handling it failed, so that a retry can begin. */
  fail(): Promise<void>;
}

/** The timeout of the ledger: a ledger that hangs must not make the transmitter time out. */
const PATIENCE_MS = 1_000;

/**
 * Acquires a lease for a token from the ledger. Without a ledger, the token must always be handled now. A later failure of
 * the ledger is reported; the token has been handled nevertheless.
 * @throws EventTokenError LEDGER_FAILED if the ledger fails, hangs for a second, or returns a value outside its contract
 */
export async function takeTurn(
  ledger: Ledger | undefined,
  id: string,
  report: (error: EventTokenError) => void,
): Promise<Turn> {
  if (!ledger) return { state: 'new', finish: async () => {}, fail: async () => {} };
  const answer = await ask(() => ledger.begin(id));
  if (answer?.state === 'done' || answer?.state === 'in-progress') return answer;
  if (answer?.state !== 'new' || typeof answer.token !== 'string') {
    throw ledgerFailed(new TypeError('The ledger returned a value outside its contract.'));
  }
  const { token } = answer;
  const renewMs = Math.min(ledger.leaseMs / 3, MAX_TIMER_MS);
  const timer = setInterval(() => void ask(() => ledger.renew(id, token)).catch(() => {}), renewMs);
  (timer as { unref?: () => void }).unref?.();
  const record = async (call: () => unknown): Promise<void> => {
    clearInterval(timer);
    await ask(call).catch(report);
  };
  return {
    state: 'new',
    finish: () => record(() => ledger.finish(id, token)),
    async fail() {
      await record(() => ledger.fail(id, token));
      await record(() => ledger.release(id, token));
    },
  };
}

/** @throws EventTokenError LEDGER_FAILED */
async function ask<T>(call: () => T | Promise<T>): Promise<T> {
  const late = () => new Error('The ledger did not respond within a second.');
  try {
    return await within(PATIENCE_MS, (async () => call())(), late);
  } catch (cause) {
    throw ledgerFailed(cause);
  }
}

const ledgerFailed = (cause: unknown) => new EventTokenError('LEDGER_FAILED', { cause: DriverError.from(cause) });
