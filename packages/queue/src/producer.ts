import {
  type Delivery,
  type DeliveryHandler,
  type FetchRequest,
  type RawDelivery,
  type Receiver,
  WebhookError,
} from '@blue-webhooks/core';
import {
  count,
  type DeliveryFacts,
  deliveryFacts,
  kindOf,
  requireReceiver,
  toOutcome,
  toRawDelivery,
  toResponse,
  within,
} from '@blue-webhooks/core/adapter';
import { encode, sizeOf } from './message';
import { type Offload, putBody, requireOffload } from './offload';
import { QueueError } from './queue-error';
import { createReporter, type QueueHooks } from './queue-event';
import { requireOptions } from './settings';

/** A message for a queue. */
export interface QueueMessage {
  /** The text to send: JSON. Pass it to `consume` as it is. */
  readonly body: string;
  /** The size of `body`, in bytes. */
  readonly bytes: number;
  /** What the delivery is about: `id` for deduplication, `entityId` as a group or a partition. */
  readonly delivery: DeliveryFacts;
  /** Aborts when the delivery has to be answered 503. */
  readonly signal: AbortSignal;
}

/** What every producer needs, whatever the queue. */
export interface ProducerOptions extends QueueHooks {
  /** Verifies deliveries. Its handlers do not run here. */
  readonly receiver: Receiver;
  /** The largest message that the queue takes, in bytes. Defaults to the limit of the queue where it is known, otherwise to none. */
  readonly maxMessageBytes?: number | undefined;
  /** Where larger bodies are stored. Defaults to none: a larger delivery is answered 503, and reported as `store-failed`. */
  readonly offload?: Offload | undefined;
}

/** How deliveries reach the queue. */
export interface QueueProducerOptions extends ProducerOptions {
  /** Sends a message. Resolve only when the queue has confirmed it: Blue is answered 204 then. */
  readonly send: (message: QueueMessage) => unknown;
}

/** Verifies deliveries, sends them to a queue, and acknowledges them. Adapters take it in place of a receiver. */
export interface QueueProducer extends DeliveryHandler {
  /** Answers a Fetch request, as `receiver.fetch` does. Needs no `this`. */
  fetch(request: FetchRequest, ...context: readonly unknown[]): Promise<Response>;
}

/** Blue times out after 7 seconds; a 503 before that makes it retry. */
const ANSWER_WITHIN_MS = 6_500;
/** How long the queue may take at least, also after a slow body. */
const MIN_SEND_MS = 300;

/**
 * Creates the receiving side of a queue: verifies each delivery, sends it, and answers 204 only when the queue has confirmed it,
 * otherwise 503 (`STORE_UNAVAILABLE`) within 6.8 seconds. Health checks are sent, too, so that Blue does not enable the webhook
 * while the queue refuses messages.
 *
 * @example
 * const producer = createQueueProducer({ receiver, send: ({ body }) => queue.send(body) });
 * app.post('/webhooks/blue', blueWebhook(producer));
 * @throws TypeError for an invalid option
 */
export function createQueueProducer(options: QueueProducerOptions): QueueProducer {
  requireOptions('createQueueProducer({ receiver, send })', options);
  const receiver = requireReceiver(options.receiver);
  const { send } = options;
  if (typeof send !== 'function') {
    throw new TypeError(`send must be a function that sends a message to your queue, got ${kindOf(send)}.`);
  }
  const maxBytes = count('maxMessageBytes', options.maxMessageBytes ?? Number.MAX_SAFE_INTEGER);
  const offload = requireOffload(options.offload);
  const report = createReporter(options);

  async function handle(raw: RawDelivery) {
    const startedAt = performance.now();
    const elapsedMs = () => performance.now() - startedAt;
    let delivery: Delivery;
    try {
      delivery = await receiver.verify(raw);
    } catch (error) {
      if (!WebhookError.is(error)) throw error;
      return toOutcome({ delivery: undefined, code: error.code, durationMs: elapsedMs() });
    }
    const facts = deliveryFacts(delivery);
    const controller = new AbortController();
    try {
      const sendMs = Math.max(MIN_SEND_MS, ANSWER_WITHIN_MS - elapsedMs());
      const late = () => new QueueError('TIMEOUT', 'The queue did not confirm the message in time.');
      const sent = await within(sendMs, enqueue(delivery, facts, controller.signal), late);
      report({ type: 'stored', delivery: facts, ...sent }, raw.waitUntil);
      return toOutcome({ delivery, code: undefined, durationMs: elapsedMs() });
    } catch (error) {
      controller.abort(new DOMException('The delivery has to be answered.', 'TimeoutError'));
      report({ type: 'store-failed', delivery: facts, error }, raw.waitUntil);
      return toOutcome({ delivery, code: 'STORE_UNAVAILABLE', durationMs: elapsedMs() });
    }
  }

  async function enqueue(
    { signature, secretId, rawBody }: Delivery,
    delivery: DeliveryFacts,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: number; readonly isOffloaded: boolean }> {
    let body = encode({ delivery, signature, secretId, body: rawBody });
    const isOffloaded = sizeOf(body) > maxBytes && offload !== undefined;
    if (isOffloaded) {
      body = encode({ delivery, signature, secretId, body: await putBody(offload, delivery.id, rawBody) });
    }
    const bytes = sizeOf(body);
    if (bytes > maxBytes) {
      throw new QueueError(
        'MESSAGE_TOO_LARGE',
        `The message has ${bytes} bytes, the queue takes ${maxBytes}: ${isOffloaded ? 'raise maxMessageBytes' : 'set `offload` to store larger bodies elsewhere'}.`,
      );
    }
    if (signal.aborted) throw new QueueError('TIMEOUT', 'The body was stored too late to be sent.');
    await send({ body, bytes, delivery, signal });
    return { bytes, isOffloaded };
  }

  return {
    handle,
    fetch: async (request, ...context) => toResponse(await handle(toRawDelivery(request, ...context))),
  };
}
