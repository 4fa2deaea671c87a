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

/** A delivery whose signature was checked: the only kind that is vouched for without a further word. */
export type VerifiedDelivery = Delivery & { readonly signature: 'verified' };

/** Tells a delivery whose signature was checked from one that came unsigned. */
export const isVerified = (delivery: Delivery): delivery is VerifiedDelivery => delivery.signature === 'verified';

/** Who vouches, for whom, with which key. */
export interface EventTokenIssuerOptions {
  /** Who vouches, as recipients know it: most often the gateway's https URL. */
  readonly issuer: string;
  /** For whom the tokens are; only those accept them. One issuer for each recipient keeps one from passing a token to another. */
  readonly audience: string | readonly string[];
  /** Signs. `undefined` compiles, so that an environment variable can be passed as it is, and throws. */
  readonly key: PrivateKey | undefined;
  /** The key's name; unless told, the JSON Web Key's own or its thumbprint (RFC 7638). */
  readonly kid?: string | undefined;
  /**
   * Keys that are published but do not sign: the next one before it takes over, the last one until its tokens are too old.
   * The public half is enough.
   */
  readonly alsoPublish?:
    | readonly { readonly key: PrivateKey | undefined; readonly kid?: string | undefined }[]
    | undefined;
  /**
   * What is larger, in bytes of JSON before the signature, travels as a reference. Defaults to 262,144, 0 for references
   * always.
   */
  readonly maxPayloadBytes?: number | undefined;
}

/** Turns deliveries into tokens. */
export interface EventTokenIssuer<D extends Delivery = VerifiedDelivery> {
  /**
   * A Security Event Token (RFC 8417) as a compact JWS: `typ` `secevent+jwt`, `jti` the delivery's id, and so equal on every
   * retry.
   * @throws EventTokenError DELIVERY_UNSIGNED
   * @throws TypeError if the key turns out not to sign
   */
  readonly issue: (delivery: D) => Promise<string>;
  /**
   * The public keys, for those who check tokens. Ask for it at boot: a broken key shows here.
   * @throws TypeError if the key turns out not to sign
   */
  readonly jwks: () => Promise<{ keys: PublicJwk[] }>;
}

const DEFAULT_MAX_PAYLOAD_BYTES = 262_144;
const encoder = new TextEncoder();

/**
 * Vouches for deliveries, towards recipients who need no secret of Blue's.
 * @throws TypeError for an issuer, audience or key that is missing, symmetric keys among them
 */
export function createEventTokenIssuer(
  options: EventTokenIssuerOptions & { readonly allowUnsigned?: false | undefined },
): EventTokenIssuer;
/** Vouches for deliveries, unsigned ones included: recipients cannot tell them from the others. */
export function createEventTokenIssuer(
  options: EventTokenIssuerOptions & {
    /** Issue tokens for deliveries that carried no signature, too. */
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
    throw new TypeError('maxPayloadBytes must be a whole number of bytes, 0 for references always.');
  }

  const signing = loadSigningKey(key as PrivateKey, kid);
  const others = Promise.all(alsoPublish.map((entry) => loadPublishedKey(entry.key as PrivateKey, entry.kid)));
  const keys = Promise.all([signing, others]).then(distinct);
  keys.catch(() => {}); // told to whoever asks for a token or the keys

  return {
    async issue(delivery) {
      if (!allowUnsigned && !isVerified(delivery)) throw new EventTokenError('DELIVERY_UNSIGNED');
      const [{ algorithm, kid, privateKey }] = await keys;
      const statement = statementOf(delivery);
      const { name, entityId, toe, body } = statement;
      // RFC 8417 section 2.2: iss, iat, jti and events are required, aud is recommended; exp is not, since what has happened
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
  if (new Set(kids).size !== kids.length) throw new TypeError('Two keys have the same kid: give each its own.');
  return [signing, ...others];
}

function requireNames(what: string, names: readonly unknown[]): void {
  if (Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string' && name !== ''))
    return;
  throw new TypeError(`${what} must be a non-empty string${what === 'audience' ? ', or a list of them' : ''}.`);
}
