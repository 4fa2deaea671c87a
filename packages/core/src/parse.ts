import type { VerifiedBody } from './authenticate';
import { decodeUtf8 } from './bytes';
import { WebhookError } from './errors';
import { type BlueEvent, isEventName, type UnknownEvent } from './events';
import { aliasedName } from './events/aliases';
import { isObject } from './object';
import { conform, type Drift } from './shape';

type Payload = Record<string, unknown>;

/** What a genuine body says. */
export interface ParsedBody {
  readonly event: BlueEvent;
  /** Documented fields that came with another type. */
  readonly drift: readonly Drift[];
  /** The body's text, byte for byte what was signed. */
  readonly rawBody: string;
}

/**
 * The typed event of a verified body. What the catalogue does not know, or cannot identify, is an event too: `UNKNOWN`.
 * @throws WebhookError BODY_NOT_UTF8, BODY_NOT_JSON, EVENT_MISSING, SIGNATURE_MISMATCH (signed with another webhook's secret)
 */
export function parse(body: VerifiedBody, useAliases: boolean): ParsedBody {
  const rawBody = decodeUtf8(body.bytes);
  if (rawBody === undefined) throw new WebhookError('BODY_NOT_UTF8');
  return parseText(rawBody, body.hintedWebhookId, useAliases);
}

/**
 * The typed event of a body that is already known to be genuine: stored after it was verified, or carried in a signed
 * token. Checks no signature, so it is not for what has just arrived.
 * @throws WebhookError BODY_NOT_JSON, EVENT_MISSING
 */
export function parseVerified(rawBody: string, useAliases = true): ParsedBody {
  return parseText(rawBody, undefined, useAliases);
}

function parseText(rawBody: string, hintedWebhookId: string | undefined, useAliases: boolean): ParsedBody {
  const payload = parsePayload(rawBody);
  const given = payload.event;
  if (typeof given !== 'string' || given === '') throw new WebhookError('EVENT_MISSING');
  refuseOtherWebhook(payload, hintedWebhookId);

  const drift: Drift[] = [];
  const alias = useAliases ? aliasedName(given, payload) : undefined;
  if (alias) drift.push({ path: 'event', expected: alias });
  const name = alias ?? given;
  if (!isEventName(name)) return { event: unknown(name, payload, 'UNKNOWN_NAME'), drift, rawBody };
  if (!conform(payload, name, drift)) {
    // Parsed again, since what was removed belongs to an unknown event's payload.
    return { event: unknown(given, parsePayload(rawBody), 'IDENTITY_MISSING'), drift, rawBody };
  }
  payload.event = name;
  payload.webhook ??= null;
  payload.previousValue ??= null;
  payload.currentValue ??= null;
  return { event: payload as unknown as BlueEvent, drift, rawBody };
}

/** What the text says, but for `webhook.secret`. A copy without it is made in half the time that deleting it takes. */
function parsePayload(text: string): Payload {
  const payload = parseObject(text);
  if (isObject(payload.webhook)) {
    const { secret: _, ...webhook } = payload.webhook;
    payload.webhook = webhook;
  }
  return payload;
}

function parseObject(text: string): Payload {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Without the parser's error as cause: its message quotes the body.
  }
  throw new WebhookError('BODY_NOT_JSON');
}

function unknown(name: string, payload: Payload, reason: UnknownEvent['reason']): UnknownEvent {
  return { event: 'UNKNOWN', name, payload, reason };
}

/** One webhook's secret must not sign for another: the scan that chose the secret can be misled, for example by a doubled key. */
function refuseOtherWebhook({ webhook }: Payload, hinted: string | undefined): void {
  if (hinted === undefined) return;
  if (!isObject(webhook) || webhook.id !== hinted) {
    throw new WebhookError('SIGNATURE_MISMATCH', {
      hint: 'The secret was chosen by a webhook id that the verified body does not carry.',
    });
  }
}
