import type { FailureCode, Hooks } from '@blue-webhooks/core';
import type { Logger } from 'pino';

/** Failures that say that this side is broken; the rest is what an address on the internet has to expect. */
const ours = new Set<FailureCode>([
  'HANDLER_FAILED',
  'DEADLINE_EXCEEDED',
  'BODY_ALREADY_READ',
  'SECRET_LOOKUP_FAILED',
  'STORE_UNAVAILABLE',
  'LEDGER_FAILED',
  'DEAD_LETTER_FAILED',
  'LEASE_LOST',
]);

/** Hooks that log: `createReceiver({ secret, ...logDeliveries(logger) })`. */
export function logDeliveries(logger: Logger): Required<Hooks> {
  const log = logger.child({ component: 'blue-webhooks' });
  return {
    onOutcome: ({ status, code, deliveryId, event, durationMs }) =>
      log.info({ status, code, deliveryId, event, durationMs }, 'delivery answered'),
    // `error.cause` is what your handler threw, and is logged with it.
    onFailure: (error, { deliveryId, event }) =>
      log[ours.has(error.code) ? 'error' : 'warn'](
        { err: error, code: error.code, deliveryId, event },
        'delivery failed',
      ),
    onDrift: (drift, { deliveryId, event }) => log.warn({ drift, deliveryId, event }, 'fields of another type'),
  };
}
