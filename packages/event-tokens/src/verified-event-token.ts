import type { BlueEvent, Drift } from '@blue-webhooks/core';
import { isObject, parseVerified } from '@blue-webhooks/core/adapter';
import type { EventReference } from './claims';
import { isTooDeep } from './depth';
import { EventTokenError } from './errors';
import { eventNameOf } from './event-type';

interface VerifiedClaims {
  /** The delivery's id: the same on every retry. */
  readonly jti: string;
  readonly issuer: string;
  /** All audiences of the token; one of them is this recipient. */
  readonly audience: readonly string[];
  /** When the issuer issued the token. */
  readonly issuedAt: Date;
  /** When the event happened, if the token contains it. */
  readonly occurredAt: Date | undefined;
  /** The entity's id, if the token contains it. */
  readonly entityId: string | undefined;
}

/** A token whose signature, issuer, audience and age were verified; `if (token.event)` distinguishes the two kinds. */
export type VerifiedEventToken =
  | (VerifiedClaims & {
      /** The typed event; `UNKNOWN` for one that this version has no type for. */
      readonly event: BlueEvent;
      /** Documented fields that have another type, and are `undefined` on the event. */
      readonly drift: readonly Drift[];
      readonly reference?: undefined;
    })
  | (VerifiedClaims & {
      readonly event?: undefined;
      readonly drift?: undefined;
      /** Set if the event was too large to send: identifies the delivery to fetch, and verifies it. */
      readonly reference: EventReference;
    });

/** The maximum length of a token's id, since ledgers store it. */
const MAX_JTI_LENGTH = 256;

/**
 * Returns the content of a genuine token's claims (RFC 8417 section 2.2).
 * @throws EventTokenError TOKEN_CLAIMS
 */
export function readClaims(claims: Record<string, unknown>): VerifiedEventToken {
  const { iss, aud, iat, jti, toe, sub_id: subject, events } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) throw new EventTokenError('TOKEN_CLAIMS');
  const occurredAt = toe === undefined ? undefined : new Date(typeof toe === 'number' ? toe * 1000 : Number.NaN);
  if (Number.isNaN(occurredAt?.getTime())) throw new EventTokenError('TOKEN_CLAIMS');
  if (subject !== undefined && !isObject(subject)) throw new EventTokenError('TOKEN_CLAIMS');
  // One event per token: several statements, which RFC 8417 allows, cannot be one typed event.
  const statements = isObject(events) ? Object.entries(events) : [];
  const [uri, payload] = statements[0] ?? ['', undefined];
  if (statements.length !== 1 || !isObject(payload) || isTooDeep(payload)) throw new EventTokenError('TOKEN_CLAIMS');
  return {
    jti,
    issuer: iss as string,
    audience: [aud].flat().filter((name) => typeof name === 'string'),
    issuedAt: new Date((iat as number) * 1000),
    occurredAt,
    entityId: subject?.format === 'opaque' && typeof subject.id === 'string' ? subject.id : undefined,
    ...contentOf(uri, payload),
  };
}

type Content = { event: BlueEvent; drift: readonly Drift[] } | { reference: EventReference };

function contentOf(uri: string, payload: Record<string, unknown>): Content {
  const name = eventNameOf(uri);
  // An event of another vocabulary is genuine as well.
  if (name === undefined) return { event: { event: 'UNKNOWN', name: uri, payload, reason: 'UNKNOWN_NAME' }, drift: [] };
  if (payload.event !== name) throw new EventTokenError('TOKEN_CLAIMS');
  if (isReference(payload)) return { reference: payload };
  const { event, drift } = parseVerified(JSON.stringify(payload));
  return { event, drift };
}

function isReference(payload: object): payload is EventReference {
  const { id, entityId, bodySha256 } = payload as Partial<Record<keyof EventReference, unknown>>;
  return typeof id === 'string' && typeof bodySha256 === 'string' && ['string', 'undefined'].includes(typeof entityId);
}
