import { DriverError, kindOf } from '@blue-webhooks/core/adapter';
import { QueueError } from './queue-error';

/** Where bodies are stored that the queue does not take: R2, S3, a table. */
export interface Offload {
  /** Stores a body under a new key, durably once this resolves. */
  put(key: string, body: string): unknown;
  /** Returns the body of a key; `undefined` or `null` if it does not exist. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  /**
   * Deletes the body of a delivery that is done. Leave it out if objects expire by a rule of the bucket, which is the safe
   * choice without a ledger: a queue can deliver a message again after its body was deleted.
   */
  readonly delete?: ((key: string) => unknown) | undefined;
}

/** Where a body was stored, as the message says it. */
export interface Offloaded {
  readonly key: string;
  /** The SHA-256 of the body, in hex. */
  readonly sha256: string;
}

/** @throws TypeError unless it is an object with `put` and `get` */
export function requireOffload(offload: unknown): Offload | undefined {
  if (offload === undefined) return undefined;
  const methods = (offload ?? {}) as Partial<Record<'put' | 'get' | 'delete', unknown>>;
  for (const name of ['put', 'get', 'delete'] as const) {
    if (typeof methods[name] === 'function' || (name === 'delete' && methods.delete === undefined)) continue;
    throw new TypeError(
      `offload.${name} must be a function, got ${kindOf(methods[name])}: pass { put, get, delete } of your storage.`,
    );
  }
  return offload as Offload;
}

/** Stores a body under a key of its own, so that no other message depends on it. */
export async function putBody(offload: Offload, id: string, body: string): Promise<Offloaded> {
  const key = `${id}/${crypto.randomUUID()}`;
  await offload.put(key, body);
  return { key, sha256: await sha256(body) };
}

/** @throws QueueError BODY_MISSING, BODY_CHANGED; DriverError if the storage fails */
export async function getBody(offload: Offload | undefined, { key, sha256: expected }: Offloaded): Promise<string> {
  if (!offload) {
    throw new QueueError('BODY_MISSING', 'The body was offloaded: pass the same `offload` to the consumer.');
  }
  let body: unknown;
  try {
    body = await offload.get(key);
  } catch (error) {
    throw DriverError.from(error);
  }
  if (typeof body !== 'string') throw new QueueError('BODY_MISSING', 'The offloaded body does not exist.');
  if ((await sha256(body)) !== expected) {
    throw new QueueError('BODY_CHANGED', 'The offloaded body is not the one that was stored.');
  }
  return body;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
