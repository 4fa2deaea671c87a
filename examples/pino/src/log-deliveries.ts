import type { FailureCode, Hooks } from '@blue-webhooks/core';
import type { Logger } from 'pino';

/** Failures of this application. Every public URL receives the others, such as forgeries. */
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

/** Creates hooks that log: `createReceiver({ secret, ...logDeliveries(logger) })`. */
export function logDeliveries(logger: Logger): Required<Hooks> {
  const log = logger.child({ component: 'blue-webhooks' });
  return {
    onOutcome: ({ status, code, deliveryId, event, durationMs }) =>
      log.info({ status, code, deliveryId, event, durationMs }, 'delivery answered'),
    // Logged with `error.cause`, which is what your handler threw.
    onFailure: (error, { deliveryId, event }) =>
      log[ours.has(error.code) ? 'error' : 'warn'](
        { err: error, code: error.code, deliveryId, event },
        'delivery failed',
      ),
    onDrift: (drift, { deliveryId, event }) => log.warn({ drift, deliveryId, event }, 'fields of another type'),
  };
}
