import { entityIn, isObject } from '@blue-webhooks/core/adapter';

type Row = Readonly<Record<string, unknown>>;

/** What a body claims about itself, genuine or not. Each claim is a string of limited length, or absent. */
export interface Claims {
  readonly event: string | undefined;
  readonly entityId: string | undefined;
  /** The entity's title, name or text. */
  readonly title: string | undefined;
  readonly webhookId: string | undefined;
}

const MAX_LENGTH = 200;

/** Reads the claims of a body. Never throws. */
export function claimsOf(body: Uint8Array): Claims {
  const payload = parsed(body);
  const webhook = asRow(payload?.webhook);
  const entity = payload && entityIn(payload);
  return {
    event: text(payload?.event),
    entityId: text(entity?.id),
    title: text(entity?.title) ?? text(entity?.name) ?? text(entity?.text),
    webhookId: text(webhook?.id),
  };
}

/** Parses a body, or returns `undefined` if it is not a JSON object. */
export function parsed(body: Uint8Array): Row | undefined {
  try {
    return asRow(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()));
  } catch {
    return undefined;
  }
}

const asRow = (value: unknown): Row | undefined => (isObject(value) ? value : undefined);

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value.slice(0, MAX_LENGTH) : undefined);
