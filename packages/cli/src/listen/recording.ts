import {
  type DeliveryHandler,
  type Drift,
  type Outcome,
  parseVerified,
  type RawDelivery,
  readBody,
  toOutcome,
  WebhookError,
} from '@blue-webhooks/core';
import type { Delivery, Journal } from './journal';

/** What of a request a raw delivery does not tell. */
export interface RequestFacts {
  readonly path: string;
  readonly rawHeaders: readonly string[];
}

const limits = { maxBodyBytes: 5 * 1024 * 1024, bodyTimeoutMs: 5_000 };
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Stands before a handler and writes down all that comes, with the handler's answer. */
export function recording(
  handler: DeliveryHandler,
  journal: Journal,
  { path, rawHeaders }: RequestFacts,
  recorded: (delivery: Delivery, outcome: Outcome) => void,
): DeliveryHandler {
  return {
    async handle(raw) {
      if (raw.method !== 'POST') return handler.handle(raw); // a browser that looks by
      const receivedAtMs = Date.now();
      const startedAt = performance.now();
      const { body, outcome } = await take(raw);
      const delivery = journal.arrived({
        ...{ receivedAtMs, path, headers: rawHeaders, body, status: outcome.status, code: outcome.code },
        durationMs: performance.now() - startedAt,
        deliveryId: outcome.deliveryId,
        drift: outcome.deliveryId === undefined ? [] : driftOf(body),
      });
      recorded(delivery, outcome);
      return outcome;
    },
  };

  async function take(raw: RawDelivery): Promise<{ body: Uint8Array; outcome: Outcome }> {
    const startedAt = performance.now();
    try {
      const body = await readBody(raw, limits);
      return { body, outcome: await handler.handle({ ...raw, body }) };
    } catch (error) {
      if (!WebhookError.is(error)) throw error;
      const durationMs = performance.now() - startedAt;
      return { body: new Uint8Array(), outcome: toOutcome({ delivery: undefined, code: error.code, durationMs }) };
    }
  }
}

function driftOf(body: Uint8Array): readonly Drift[] {
  try {
    return parseVerified(decoder.decode(body)).drift;
  } catch {
    return [];
  }
}
