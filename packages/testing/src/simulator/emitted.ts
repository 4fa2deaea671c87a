import type { SubscribableEvent } from '../payload';
import { payloads } from '../payloads';
import type { WebhookRow } from '../rows/webhook';
import { isSubscribable } from './subscription';

/** A payload that is to be delivered. */
export interface Emitted {
  readonly event: string;
  readonly webhook?: unknown;
  readonly previousValue?: unknown;
  readonly currentValue?: unknown;
}

/**
 * Returns the payload of a new event for this webhook.
 * @throws TypeError for a name that is not in the catalogue, and for a payload that names no event
 */
export function emittedOf(event: SubscribableEvent | Emitted, webhook: WebhookRow, changedAt: string): Emitted {
  if (typeof event === 'string') return named(event, webhook, changedAt);
  if (typeof event !== 'object' || event === null || typeof event.event !== 'string' || event.event === '') {
    throw new TypeError("emit needs an event's name, or a payload whose event is a string.");
  }
  return Object.hasOwn(event, 'webhook') ? { ...event, webhook } : event;
}

function named(name: SubscribableEvent, webhook: WebhookRow, changedAt: string): Emitted {
  if (!isSubscribable(name)) {
    throw new TypeError(
      `'${name}' is not an event that a webhook can subscribe to: see eventNames of @blue-webhooks/core. To send another, pass its payload, such as fixtures.RECORD_CREATED or oddities.unknownEvent().`,
    );
  }
  const { event, previousValue, currentValue } = payloads[name];
  const changed = { ...(previousValue ? {} : { createdAt: changedAt }), updatedAt: changedAt };
  return currentValue
    ? { event, webhook, previousValue, currentValue: { ...currentValue, ...changed } }
    : { event, webhook, previousValue: { ...previousValue, ...changed }, currentValue };
}

/**
 * Returns the body to send.
 * @throws TypeError if it cannot be serialised to JSON: a cycle, a BigInt, too many levels
 */
export function toJson(payload: Emitted): string {
  try {
    return JSON.stringify(payload);
  } catch (cause) {
    throw new TypeError('The payload cannot be serialised to JSON: it has a cycle, a BigInt or too many levels.', {
      cause,
    });
  }
}

/** Returns the `id` of the row that the event is about. */
export function entityIdOf(payload: object): string | undefined {
  const { currentValue, previousValue, record } = payload as Record<string, { id?: unknown } | null | undefined>;
  const id = (currentValue ?? previousValue ?? record)?.id;
  return typeof id === 'string' ? id : undefined;
}
