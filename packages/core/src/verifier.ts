import { type Authenticate, createAuthenticate, type Keyring, type VerifiedBody } from './authenticate';
import type { Deadline } from './deadline';
import type { Delivery, RawDelivery } from './delivery';
import { Refusal, WebhookError } from './errors';
import type { BlueEvent } from './events';
import type { Limits } from './limits';
import { type ParsedBody, parse } from './parse';
import { proceed } from './proceed';
import { bytesWithin } from './read';
import type { Drift } from './shape';

/** The stages before the handlers, for one endpoint: read, verify, parse. Throws a `WebhookError` for other failures. */
export type Verifier = (raw: RawDelivery, deadline: Deadline) => Delivery | Refusal | Promise<Delivery | Refusal>;

/** Joins the stages before the handlers. */
export function createVerifier(keyring: Keyring, limits: Limits, useAliases = true): Verifier {
  const authenticate = createAuthenticate(keyring);
  return (raw, deadline) => {
    if (raw.method !== 'POST') throw new WebhookError('METHOD_NOT_ALLOWED');
    return proceed(bytesWithin(raw, limits), (bytes) => {
      const signature = raw.header('x-signature');
      const shared = typeof raw.body !== 'function';
      const body = authenticate({ bytes, shared, signature, request: raw.request, deadline });
      return deliver(body, deadline, useAliases);
    });
  };
}

/** A class, because an object with a getter of its own takes five times as long to make. */
class VerifiedDelivery implements Delivery {
  readonly id: string;
  readonly event: BlueEvent;
  readonly signature: 'verified' | 'unsigned';
  readonly secretId: string | undefined;
  readonly receivedAt = new Date();
  readonly attempt = undefined;
  readonly rawBody: string;
  readonly drift: readonly Drift[];
  readonly #deadline: Deadline;

  constructor(body: VerifiedBody, { event, drift, rawBody }: ParsedBody, deadline: Deadline) {
    this.id = body.id;
    this.event = event;
    this.signature = body.signature;
    this.secretId = body.secretId;
    this.rawBody = rawBody;
    this.drift = drift;
    this.#deadline = deadline;
  }

  get signal(): AbortSignal {
    return this.#deadline.signal;
  }
}

/** Parses what was verified. */
export const deliver = (
  body: ReturnType<Authenticate>,
  deadline: Deadline,
  useAliases: boolean,
): Delivery | Refusal | Promise<Delivery | Refusal> =>
  proceed(body, (verified) =>
    verified instanceof Refusal ? verified : new VerifiedDelivery(verified, parse(verified, useAliases), deadline),
  );

/** @throws WebhookError for a refusal */
export function accepted(delivery: Delivery | Refusal): Delivery {
  if (delivery instanceof Refusal) throw delivery.toError();
  return delivery;
}
