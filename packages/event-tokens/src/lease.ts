import type { Ledger } from '@blue-webhooks/core';
import { DriverError } from '@blue-webhooks/core/adapter';
import { EventTokenError } from './errors';

/** What the ledger says of a token: it is to be handled now, was handled before, or is being handled. */
export type Turn = HandleNow | { readonly state: 'done' } | { readonly state: 'in-progress' };

/** The token is to be handled now, under a lease that is renewed until the result is recorded. Neither function rejects. */
interface HandleNow {
  readonly state: 'new';
  /** Records that the token was handled. */
  finish(): Promise<void>;
  /** Records that handling it failed, and lets a retry begin. */
  fail(): Promise<void>;
}

/** A ledger that hangs must not make the transmitter wait until it gives up. */
const PATIENCE_MS = 1_000;

/**
 * Asks the ledger for a token's turn. Without a ledger it is always to be handled now. A failure of the ledger after that is
 * reported; the token has been handled all the same.
 * @throws EventTokenError LEDGER_FAILED if the ledger fails, hangs for a second, or answers outside its contract
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
    throw ledgerFailed(new TypeError('The ledger answered outside its contract.'));
  }
  const { token } = answer;
  const timer = setInterval(() => void ask(() => ledger.renew(id, token)).catch(() => {}), ledger.leaseMs / 3);
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
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('The ledger did not answer within a second.')), PATIENCE_MS);
  });
  try {
    return await Promise.race([(async () => call())(), late]);
  } catch (cause) {
    throw ledgerFailed(cause);
  } finally {
    clearTimeout(timer);
  }
}

const ledgerFailed = (cause: unknown) => new EventTokenError('LEDGER_FAILED', { cause: DriverError.from(cause) });
