import type { Delivery } from './delivery';
import type { BlueEvent, UnknownEvent } from './events';
import { entityIn, payloadOf } from './events/entity';
import { isRow } from './events/row';

/** An event in the JSON format of CloudEvents 1.0: `JSON.stringify` of it is the body of a structured-mode message. */
export interface CloudEvent<E extends BlueEvent = BlueEvent> {
  readonly specversion: '1.0';
  /** The delivery's id: equal on every retry. */
  readonly id: string;
  /** The webhook, as a URI-reference: `https://blue.cc/webhooks/<id>`; without an id that fits, `https://blue.cc/webhooks`. */
  readonly source: string;
  /** `cc.blue.` and the event's name, such as `cc.blue.TODO_MOVED`; for an unknown event, the name that Blue sent. */
  readonly type: string;
  /** The entity's id; absent where the delivery has none. */
  readonly subject?: string;
  /** When the delivery was received, as RFC 3339. Blue sends no time of its own. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** The typed event; for an unknown event, the body as parsed, without the webhook's secret. */
  readonly data: E extends UnknownEvent ? UnknownEvent['payload'] : E;
}

/** Options of `toCloudEvent`. */
export interface CloudEventOptions {
  /**
   * The `source`, a URI-reference. Defaults to `https://blue.cc/webhooks/<id>`. CloudEvents requires `source` and `id` together
   * to be unique.
   */
  readonly source?: string | undefined;
}

/**
 * Returns a delivery as a CloudEvent 1.0. Send `JSON.stringify` of it as `application/cloudevents+json`. It carries no
 * signature: its recipients trust you, not Blue.
 * @throws TypeError if `source` is not a URI-reference
 */
export function toCloudEvent<E extends BlueEvent>(
  { id, event, receivedAt }: Pick<Delivery<E>, 'id' | 'event' | 'receivedAt'>,
  { source }: CloudEventOptions = {},
): CloudEvent<E> {
  // Of an unknown event too, the payload has no `webhook.secret`: both come from the parser.
  const data = payloadOf(event);
  const entityId = entityIn(data)?.id;
  return {
    specversion: '1.0',
    id,
    source: source === undefined ? sourceOf(data.webhook) : requireReference(source),
    type: `cc.blue.${data.event}`,
    ...(isName(entityId) ? { subject: entityId } : {}),
    time: receivedAt.toISOString(),
    datacontenttype: 'application/json',
    data: data as CloudEvent<E>['data'],
  };
}

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';

const SOURCE = 'https://blue.cc/webhooks';

function sourceOf(webhook: unknown): string {
  if (!isRow(webhook) || !isName(webhook.id)) return SOURCE;
  try {
    return `${SOURCE}/${encodeURIComponent(webhook.id)}`;
  } catch {
    return SOURCE; // half of a surrogate pair is in no URI
  }
}

function requireReference(source: string): string {
  if (isName(source) && /^[\w.~:/?#[\]@!$&'()*+,;=%-]+$/.test(source)) return source;
  throw new TypeError("`source` must be a URI-reference, such as 'https://example.com/blue'.");
}
