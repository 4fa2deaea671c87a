import type { Delivery } from '@blue-webhooks/core';
import { entityIn, isObject } from '@blue-webhooks/core/adapter';

/** Replaces an event that is too large to send: identifies the delivery to fetch, and verifies it. */
export interface EventReference {
  /** The delivery's id, as in the gateway's inbox or log. */
  readonly id: string;
  /** The event's name on the wire. */
  readonly event: string;
  /** The entity's id, if the event has one. */
  readonly entityId?: string | undefined;
  /** SHA-256 of the body that Blue signed, as 64 lowercase hex characters. */
  readonly bodySha256: string;
}

/** The claims about an event. */
export interface Statement {
  /** The event's name on the wire. */
  readonly name: string;
  readonly entityId: string | undefined;
  /** When it happened, in seconds since 1970, if the entity contains a time of change. */
  readonly toe: number | undefined;
  /** The body as Blue sent it, without the webhook's secret. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Returns the claims for a delivery. */
export function statementOf({ rawBody }: Delivery): Statement {
  // Parsed again from the text, since drift has been removed from the typed event and recipients may have newer types.
  const body = JSON.parse(rawBody) as Record<string, unknown>;
  if (isObject(body.webhook)) delete body.webhook.secret;
  const entity = entityIn(body);
  const isDeleted = entity === undefined || entity === body.previousValue;
  return {
    name: String(body.event),
    entityId: typeof entity?.id === 'string' ? entity.id : undefined,
    // A deleted row's updatedAt is when it was last changed, not when it was deleted.
    toe: secondsOf(isDeleted ? (entity?.deletedAt ?? body.timestamp) : entity.updatedAt),
    body,
  };
}

/** Returns the reference that replaces the body. */
export async function referenceTo(delivery: Delivery, { name, entityId }: Statement): Promise<EventReference> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(delivery.rawBody));
  const bodySha256 = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { id: delivery.id, event: name, entityId, bodySha256 };
}

function secondsOf(time: unknown): number | undefined {
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
