import type { Delivery } from '@blue-webhooks/core';
import { CompactSign } from 'jose';
import { referenceTo, statementOf } from './claims';
import { isTooDeep } from './depth';
import { EventTokenError } from './errors';
import { eventTypeUri } from './event-type';
import type { PrivateKey } from './key';
import {
  checkKey,
  loadPublishedKey,
  loadSigningKey,
  type PublicJwk,
  type PublishedKey,
  type SigningKey,
} from './signing-key';

/** A delivery whose signature was verified: the only kind for which tokens are issued by default. */
export type VerifiedDelivery = Delivery & { readonly signature: 'verified' };

/** Returns whether the signature of a delivery was verified, as opposed to an unsigned one. */
export const isVerified = (delivery: Delivery): delivery is VerifiedDelivery => delivery.signature === 'verified';

/** The issuer, its audience and its key. */
export interface EventTokenIssuerOptions {
  /** The issuer's name, as recipients configure it: usually the gateway's https URL. */
  readonly issuer: string;
  /** The recipients; only they accept the tokens. Use one issuer per recipient, so that none can pass a token to another. */
  readonly audience: string | readonly string[];
  /** The signing key. `undefined` compiles, so that you can pass an environment variable directly, but throws. */
  readonly key: PrivateKey | undefined;
  /** The key's name. Defaults to the `kid` of the JSON Web Key, or its thumbprint (RFC 7638). */
  readonly kid?: string | undefined;
  /**
   * Keys that are published but do not sign: the next one before it is used, the previous one until its tokens are too old.
   * The public half is enough.
   */
  readonly alsoPublish?:
    | readonly { readonly key: PrivateKey | undefined; readonly kid?: string | undefined }[]
    | undefined;
  /**
   * The maximum size of an event, in bytes of JSON before the signature; larger ones are sent as a reference. Defaults to
   * 262,144; with 0, references are always sent.
   */
  readonly maxPayloadBytes?: number | undefined;
}

/** Issues tokens for deliveries. */
export interface EventTokenIssuer<D extends Delivery = VerifiedDelivery> {
  /**
   * Issues a Security Event Token (RFC 8417) as a compact JWS: `typ` is `secevent+jwt`, `jti` the delivery's id, which is the
   * same on every retry.
   * @throws EventTokenError DELIVERY_UNSIGNED
   * @throws TypeError if the key cannot sign
   */
  readonly issue: (delivery: D) => Promise<string>;
  /**
   * Returns the public keys, for recipients. Call it at boot: it rejects if a key is broken.
   * @throws TypeError if the key cannot sign
   */
  readonly jwks: () => Promise<{ keys: PublicJwk[] }>;
}

const DEFAULT_MAX_PAYLOAD_BYTES = 262_144;
const encoder = new TextEncoder();

/**
 * Creates an issuer of tokens for deliveries. Recipients need no webhook secret.
 * @throws TypeError if the issuer, the audience or the key is missing, or a key is symmetric
 */
export function createEventTokenIssuer(
  options: EventTokenIssuerOptions & { readonly allowUnsigned?: false | undefined },
): EventTokenIssuer;
/** Issues tokens for all deliveries, including unsigned ones, which recipients cannot distinguish. */
export function createEventTokenIssuer(
  options: EventTokenIssuerOptions & {
    /** Issue tokens for unsigned deliveries as well. */
    readonly allowUnsigned: true;
  },
): EventTokenIssuer<Delivery>;
export function createEventTokenIssuer(
  options: EventTokenIssuerOptions & { readonly allowUnsigned?: boolean | undefined },
): EventTokenIssuer<Delivery> {
  const { issuer, audience, key, kid, alsoPublish = [], allowUnsigned = false } = options;
  const { maxPayloadBytes = DEFAULT_MAX_PAYLOAD_BYTES } = options;
  requireNames('issuer', [issuer]);
  requireNames('audience', typeof audience === 'string' ? [audience] : audience);
  if (kid !== undefined) requireNames('kid', [kid]);
  checkKey(key, 'key', 'sign');
  for (const [place, entry] of alsoPublish.entries()) checkKey(entry.key, `alsoPublish[${place}].key`, 'publish');
  if (!Number.isSafeInteger(maxPayloadBytes) || maxPayloadBytes < 0) {
    throw new TypeError('maxPayloadBytes must be 0 (always send references) or a positive integer.');
  }

  const signing = loadSigningKey(key as PrivateKey, kid);
  const others = Promise.all(alsoPublish.map((entry) => loadPublishedKey(entry.key as PrivateKey, entry.kid)));
  const keys = Promise.all([signing, others]).then(distinct);
  keys.catch(() => {}); // reported by `issue` and `jwks`

  return {
    async issue(delivery) {
      if (!allowUnsigned && !isVerified(delivery)) throw new EventTokenError('DELIVERY_UNSIGNED');
      const [{ algorithm, kid, privateKey }] = await keys;
      const statement = statementOf(delivery);
      const { name, entityId, toe, body } = statement;
      // RFC 8417 section 2.2: iss, iat, jti and events are required, aud is recommended; exp is not, since a past event
      // does not expire.
      const claims = {
        iss: issuer,
        aud: audience,
        iat: Math.floor(Date.now() / 1000),
        jti: delivery.id,
        sub_id: entityId === undefined ? undefined : { format: 'opaque', id: entityId }, // RFC 9493 sections 3.2.4 and 4.1
        toe,
      };
      const encode = (event: object) =>
        encoder.encode(JSON.stringify({ ...claims, events: { [eventTypeUri(name)]: event } }));
      const whole = maxPayloadBytes > 0 && !isTooDeep(body) ? encode(body) : undefined;
      const travels = whole && whole.length <= maxPayloadBytes;
      const payload = travels ? whole : encode(await referenceTo(delivery, statement));
      // A TextEncoder of another realm (Jest with jsdom) makes bytes that jose does not recognise.
      return new CompactSign(new Uint8Array(payload))
        .setProtectedHeader({ alg: algorithm, kid, typ: 'secevent+jwt' }) // RFC 8417 section 2.3
        .sign(privateKey);
    },
    async jwks() {
      return { keys: (await keys).map(({ jwk }) => ({ ...jwk })) };
    },
  };
}

function distinct([signing, others]: [SigningKey, PublishedKey[]]): [SigningKey, ...PublishedKey[]] {
  const kids = [signing, ...others].map(({ kid }) => kid);
  // RFC 7517 section 4.5: keys of one set have distinct names.
  if (new Set(kids).size !== kids.length)
    throw new TypeError('Two keys have the same kid: each needs a different one.');
  return [signing, ...others];
}

function requireNames(what: string, names: readonly unknown[]): void {
  if (Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string' && name !== ''))
    return;
  throw new TypeError(`${what} must be a non-empty string${what === 'audience' ? ', or a list of them' : ''}.`);
}
