import { type SecretValue, sign } from '@blue-webhooks/core';
import { type FixtureName, fixtures, isFixtureName } from './fixtures';

/**
 * What to deliver: a fixture's name; an object, which is sent as JSON; or bytes, which are sent unchanged. Pass raw text as
 * bytes (`new TextEncoder().encode(text)`), so that a misspelt name is never sent as a body.
 */
export type Deliverable = FixtureName | object | Uint8Array;

/** A body and the headers that Blue sends with it. */
export interface SignedDelivery {
  /** The bytes that were signed, ready for `fetch`. */
  readonly body: ReturnType<InstanceType<typeof TextEncoder>['encode']>;
  readonly headers: { readonly 'content-type': string; readonly 'x-signature': string };
}

/**
 * Signs a delivery as Blue does.
 * @throws TypeError if `event` is neither a fixture's name, an object nor bytes, or the secret is empty or blank
 */
export async function signedDelivery(event: Deliverable, { secret }: { secret: SecretValue }): Promise<SignedDelivery> {
  const body = bodyOf(event);
  return { body, headers: { 'content-type': 'application/json', 'x-signature': await sign(body, secret) } };
}

/**
 * Returns a signed delivery as a Fetch request, for `receiver.fetch` or your own Fetch handler.
 * @throws TypeError if `event` is neither a fixture's name, an object nor bytes, the secret is empty or blank, or the URL
 * is malformed
 */
export async function signedRequest(
  event: Deliverable,
  { secret, url }: { secret: SecretValue; url: string | URL },
): Promise<Request> {
  return new Request(url, { method: 'POST', ...(await signedDelivery(event, { secret })) });
}

function bodyOf(event: unknown): SignedDelivery['body'] {
  // Not `instanceof`, which fails for bytes of another realm: Jest and Vitest under jsdom.
  if (ArrayBuffer.isView(event)) return new Uint8Array(event.buffer as ArrayBuffer, event.byteOffset, event.byteLength);
  if (Object.prototype.toString.call(event) === '[object ArrayBuffer]') return new Uint8Array(event as ArrayBuffer);
  if (typeof event === 'string') return encode(fixtureOf(event));
  if (typeof event === 'object' && event !== null) return encode(event);
  throw new TypeError(
    `event must be a fixture's name, an object or bytes, got ${event === null ? 'null' : `a ${typeof event}`}.`,
  );
}

function fixtureOf(name: string): object {
  if (isFixtureName(name)) return fixtures[name];
  throw new TypeError(
    'event is not the name of a fixture: see Object.keys(fixtures) for the names. To send raw text, pass its bytes: new TextEncoder().encode(text).',
  );
}

function encode(payload: object): SignedDelivery['body'] {
  return new TextEncoder().encode(JSON.stringify(payload));
}
