import { type DeliveryHandler, type Drift, type Outcome, type RawDelivery, WebhookError } from '@blue-webhooks/core';
import { parseVerified, readBody, toOutcome } from '@blue-webhooks/core/adapter';
import type { Arrival, Delivery, Journal } from './journal';
import type { SizeLimit } from './size-limit';

/** Facts of a request that a raw delivery does not have. */
export interface RequestFacts {
  readonly path: string;
  readonly rawHeaders: readonly string[];
}

const limits = { maxBodyBytes: 5 * 1024 * 1024, bodyTimeoutMs: 5_000 };
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export interface Recorder {
  readonly journal: Journal;
  readonly sizeLimit: SizeLimit;
  /** Called with each delivery that was recorded. */
  recorded(delivery: Delivery, outcome: Outcome): void;
  /** Called when a delivery could not be recorded: the disk is full, or the file has reached its limit. */
  failed(error: Error, outcome: Outcome): void;
}

/** Calls a handler and records each request with its answer. A failure to record does not affect the answer. */
export function recording(
  handler: DeliveryHandler,
  { journal, sizeLimit, recorded, failed }: Recorder,
  { path, rawHeaders }: RequestFacts,
): DeliveryHandler {
  return {
    async handle(raw) {
      if (raw.method !== 'POST') return handler.handle(raw); // a stray browser request
      const receivedAtMs = Date.now();
      const startedAt = performance.now();
      const { body, outcome } = await take(raw);
      const arrival: Arrival = {
        receivedAtMs,
        path,
        headers: rawHeaders,
        body,
        status: outcome.status,
        code: outcome.code,
        durationMs: performance.now() - startedAt,
        deliveryId: outcome.deliveryId,
        drift: outcome.deliveryId === undefined ? [] : driftOf(body),
      };
      try {
        recorded(await sizeLimit.within(body.length, () => journal.arrived(arrival)), outcome);
      } catch (error) {
        failed(error as Error, outcome);
      }
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
