import type { BlueEvent, EventHandler, Receiver } from '@blue-webhooks/core';
import type { BlueClient } from '../client';
import { elapsedMs, sleep } from '../clock';
import { BlueApiError } from '../errors';
import { createWebhook, type OnSecret } from './create-webhook';
import { deleteWebhook } from './delete-webhook';
import { update } from './ensure-webhook';
import { listWebhooks } from './list-webhooks';
import { requireId } from './require-id';
import { sameUrl, type Wanted } from './wanted';
import { scopeOf, type WebhookRow } from './webhook-row';

/** How a webhook is replaced by one with a new secret. */
export interface RotateOptions {
  /** Called with the new secret. Once this resolves, every process must accept it in addition to the old one. */
  readonly onSecret: OnSecret;
  /** The receiver whose verified deliveries show that the new secret is in use. */
  readonly receiver?: Receiver | undefined;
  /** Whether a delivery of the new webhook was verified, where deliveries arrive in another process. Instead of `receiver`. */
  readonly seen?: ((webhookId: string) => boolean | Promise<boolean>) | undefined;
  /** How long to wait for a delivery of the new webhook, in milliseconds. Defaults to 15 minutes. */
  readonly timeoutMs?: number | undefined;
}

/** The end of a rotation. */
export interface Rotated {
  /** The new webhook. */
  readonly webhook: WebhookRow;
  /** The id of the old one, which is deleted. */
  readonly deleted: string;
}

/** Why a rotation did not end. The old webhook is untouched. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
  readonly code: 'PLAN_LIMIT_REACHED' | 'NOT_SEEN' | 'SCOPE_UNKNOWN';
  /** The id of the new webhook, if it still exists. */
  readonly newWebhookId: string | undefined;

  constructor(code: RotationError['code'], message: string, newWebhookId?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.newWebhookId = newWebhookId;
  }
}

const LOOK_EVERY_MS = 1_000;
const suffix = ' (rotating)';

/**
 * Replaces a webhook by one with a new secret, without a gap: creates the second, waits until a delivery of it was verified,
 * then deletes the first. While both live, each change arrives twice.
 * @throws RotationError if the plan allows no second webhook, or no delivery of it was seen in time
 * @throws TypeError if an option is invalid
 * @throws BlueApiError
 */
export async function rotateWebhook(client: BlueClient, id: string, options: RotateOptions): Promise<Rotated> {
  requireId('id', id);
  const { onSecret } = options;
  if (typeof onSecret !== 'function') throw new TypeError('`onSecret` must be a function that stores the secret.');
  if (options.seen) return rotate(client, id, options, options.seen);
  const watched = watch(options.receiver);
  try {
    return await rotate(client, id, options, watched.seen);
  } finally {
    watched.stop();
  }
}

type Seen = (webhookId: string) => boolean | Promise<boolean>;

async function rotate(client: BlueClient, id: string, options: RotateOptions, seen: Seen): Promise<Rotated> {
  const { onSecret, timeoutMs = 900_000 } = options;
  const { webhook: old } = await client.run('Webhook', { id });
  const scope = scopeOf(old);
  if (!scope)
    throw new RotationError(
      'SCOPE_UNKNOWN',
      'Blue does not show the lists of this webhook, so a second one cannot be made like it.',
    );
  const name = old.name ?? '';
  const created = await createSecond(client, { ...scope, url: old.url, name: `${name}${suffix}` }, onSecret);
  const deadlineMs = elapsedMs(client.clock) + timeoutMs;
  while (!(await seen(created.id))) {
    if (elapsedMs(client.clock) >= deadlineMs) {
      throw new RotationError(
        'NOT_SEEN',
        `No verified delivery of the new webhook ${created.id} in ${timeoutMs} ms. Both webhooks exist, so nothing is lost. Check that the receiver accepts the new secret; then call rotateWebhook again, which starts over.`,
        created.id,
      );
    }
    await sleep(client.clock, LOOK_EVERY_MS);
  }
  await deleteWebhook(client, id);
  return { webhook: await update(client, { webhookId: created.id, name }), deleted: id };
}

/** The second webhook, after what an earlier rotation has left over is deleted. */
async function createSecond(client: BlueClient, wanted: Wanted, onSecret: OnSecret): Promise<WebhookRow> {
  const { webhooks } = await listWebhooks(client);
  for (const { id, name, url } of webhooks) {
    if (name === wanted.name && sameUrl(url, wanted.url)) await deleteWebhook(client, id);
  }
  try {
    return await createWebhook(client, wanted, onSecret);
  } catch (error) {
    if (!BlueApiError.is(error, 'PLAN_LIMIT_REACHED')) throw error;
    const { current, limit } = error.plan ?? {};
    const counts = limit === undefined ? '' : ` (${current ?? '?'} of ${limit} enabled webhooks)`;
    throw new RotationError(
      'PLAN_LIMIT_REACHED',
      `The plan allows no second webhook${counts}, so the old one is untouched. Disable or delete another webhook, or rotate with a gap: delete this one, call ensureWebhook, then catchUp for the time between.`,
      undefined,
      error,
    );
  }
}

/** Remembers of which webhooks a delivery was verified. Blue signs each with its own webhook's secret. */
function watch(receiver: Receiver | undefined): { readonly seen: Seen; stop(): void } {
  if (typeof receiver?.onAny !== 'function') {
    throw new TypeError(
      'rotateWebhook needs `receiver` or `seen`: without them nothing shows that the new secret is in use.',
    );
  }
  const verified = new Set<string>();
  const note: EventHandler<BlueEvent> = (event, { signature }) => {
    const { webhook } = event.event === 'UNKNOWN' ? event.payload : event;
    const { id } = (webhook ?? {}) as { readonly id?: unknown };
    if (signature === 'verified' && typeof id === 'string') verified.add(id);
  };
  receiver.onAny(note);
  return { seen: (webhookId) => verified.has(webhookId), stop: () => void receiver.off(note) };
}
