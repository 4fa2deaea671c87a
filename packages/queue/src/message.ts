import type { Delivery } from '@blue-webhooks/core';
import { type DeliveryFacts, isObject, kindOf, MAX_FACT_LENGTH } from '@blue-webhooks/core/adapter';
import type { Offloaded } from './offload';
import { QueueError } from './queue-error';

const FORMAT = 'blue-webhooks.delivery';
const VERSION = 1;

/** A delivery as a message contains it: never a secret or a signature. */
export interface MessageContent {
  readonly delivery: DeliveryFacts;
  readonly signature: Delivery['signature'];
  readonly secretId: string | undefined;
  /** The body as it was signed, or where it was stored. */
  readonly body: string | Offloaded;
}

/** Returns the text of a message. */
export function encode({ delivery, signature, secretId, body }: MessageContent): string {
  const { id, event, entityId, webhookId, receivedAt } = delivery;
  const facts = { id, event, entityId, webhookId, receivedAt: receivedAt.toISOString(), signature, secretId };
  const content = typeof body === 'string' ? { rawBody: body } : { offloaded: body };
  const text = JSON.stringify({ format: FORMAT, version: VERSION, ...facts, ...content });
  // The characters of a JSON text that SQS, or an implementation of its protocol, refuses: no noncharacter, no character beyond 16 bits.
  return text.replace(/[\ud800-\udfff\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

/** Returns the size of a message, in bytes. */
export const sizeOf = (text: string): number => new TextEncoder().encode(text).byteLength;

const signatures: readonly unknown[] = ['verified', 'unsigned', 'backfill'];
const isShort = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_FACT_LENGTH;
const isOptional = (value: unknown): value is string | undefined => value === undefined || isShort(value);

/**
 * Reads a message: its text, or what a queue has parsed already.
 * @throws QueueError NOT_A_DELIVERY, NEWER_FORMAT, MALFORMED; its message names the field, not the value
 */
export function decode(message: unknown): MessageContent {
  const fields = fieldsOf(message);
  const { version, id, event, entityId, webhookId, signature, secretId, rawBody, offloaded } = fields;
  if (!Number.isSafeInteger(version) || (version as number) < 1) throw malformed('version', version);
  if ((version as number) > VERSION) {
    throw new QueueError(
      'NEWER_FORMAT',
      `The message has version ${version}; this version of @blue-webhooks/queue reads ${VERSION}: update the consumer.`,
    );
  }
  if (!isShort(id)) throw malformed('id', id);
  if (!isShort(event)) throw malformed('event', event);
  if (!isOptional(entityId)) throw malformed('entityId', entityId);
  if (!isOptional(webhookId)) throw malformed('webhookId', webhookId);
  if (!signatures.includes(signature)) throw malformed('signature', signature);
  if (secretId !== undefined && typeof secretId !== 'string') throw malformed('secretId', secretId);
  const receivedAt = new Date(typeof fields.receivedAt === 'string' ? fields.receivedAt : Number.NaN);
  if (!Number.isFinite(receivedAt.getTime())) throw malformed('receivedAt', fields.receivedAt);
  const body = typeof rawBody === 'string' ? rawBody : offloadedOf(offloaded);
  if (body === undefined) throw malformed(offloaded === undefined ? 'rawBody' : 'offloaded', offloaded ?? rawBody);
  const delivery = { id, event, entityId, webhookId, receivedAt };
  return { delivery, signature: signature as Delivery['signature'], secretId, body };
}

function fieldsOf(message: unknown): Readonly<Record<string, unknown>> {
  const value = typeof message === 'string' ? parse(message) : message;
  if (isObject(value) && value.format === FORMAT) return value;
  throw new QueueError(
    'NOT_A_DELIVERY',
    `The message is not a delivery of this package: its \`format\` is not '${FORMAT}'.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // without the parser's error, which quotes the text
  }
}

function offloadedOf(value: unknown): Offloaded | undefined {
  if (!isObject(value)) return undefined;
  const { key, sha256 } = value;
  return typeof key === 'string' && key !== '' && typeof sha256 === 'string' ? { key, sha256 } : undefined;
}

const malformed = (field: string, value: unknown): QueueError =>
  new QueueError('MALFORMED', `The field \`${field}\` of the message is invalid: got ${kindOf(value)}.`);
