import type { Delivery } from '@blue-webhooks/core';

/** The part of a delivery's entity that goes into the token's own claims. */
interface Row {
  readonly id?: unknown;
  readonly updatedAt?: unknown;
  readonly deletedAt?: unknown;
}

/** Stands for an event that is too large to travel: what to fetch, and how to tell that it is the right one. */
export interface EventReference {
  /** The delivery's id, as in the gateway's inbox or log. */
  readonly id: string;
  /** The event's name on the wire. */
  readonly event: string;
  /** The entity's id, where the event has one. */
  readonly entityId?: string | undefined;
  /** SHA-256 of the body that Blue signed, as 64 lowercase hex characters. */
  readonly bodySha256: string;
}

/** What a token says about an event. */
export interface Statement {
  /** The event's name on the wire. */
  readonly name: string;
  readonly entityId: string | undefined;
  /** When it happened, in seconds since 1970, where the entity carries a time of change. */
  readonly toe: number | undefined;
  /** The body as Blue sent it, without the webhook's secret. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Reads from a delivery what its token is to say. */
export function statementOf({ rawBody }: Delivery): Statement {
  // Anew from the text, since drift has been removed from the typed event and recipients may know newer types.
  const body = JSON.parse(rawBody) as Record<string, unknown>;
  if (isObject(body.webhook)) delete body.webhook.secret;
  const current = rowOf(body.currentValue ?? body.record);
  const previous = rowOf(body.previousValue);
  const entityId = current?.id ?? previous?.id;
  return {
    name: String(body.event),
    entityId: typeof entityId === 'string' ? entityId : undefined,
    // A deleted row's updatedAt is when it was last changed, not when it was deleted.
    toe: secondsOf(current ? current.updatedAt : (previous?.deletedAt ?? body.timestamp)),
    body,
  };
}

/** The reference in place of the body. */
export async function referenceTo(delivery: Delivery, { name, entityId }: Statement): Promise<EventReference> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(delivery.rawBody));
  const bodySha256 = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { id: delivery.id, event: name, entityId, bodySha256 };
}

function secondsOf(time: unknown): number | undefined {
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}

const rowOf = (value: unknown): Row | undefined => (isObject(value) ? value : undefined);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
