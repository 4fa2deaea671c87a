import type { BlueClient } from '../client';
import { sleep } from '../clock';
import { BlueApiError } from '../errors';
import type { UpdateWebhookInput } from '../operations';
import { repeatedly } from './after-unclear';
import { type Contenders, contendersIn, newPendingName } from './contenders';
import { createWebhook, type OnSecret } from './create-webhook';
import { deleteWebhook } from './delete-webhook';
import { listWebhooks } from './list-webhooks';
import { type Wanted, type WantedWebhook, wantedOf } from './wanted';
import { byAge, sameScope, scopeOf, type WebhookRow } from './webhook-row';

/** The webhook that there should be, and what to do with its secret. */
export interface EnsureOptions extends WantedWebhook {
  /**
   * Called with the secret of a new webhook, before anything else is done with it. Store it durably under its `webhookId`, where
   * all processes read it. If this rejects, the webhook is deleted again.
   */
  readonly onSecret: OnSecret;
  /**
   * Whether the secret of a webhook is stored. One without is replaced: a new one is created and handed over, the old one
   * deleted. Defaults to assuming that it is.
   */
  readonly hasSecret?: ((webhookId: string) => boolean | Promise<boolean>) | undefined;
}

/** What `ensureWebhook` found or did. */
export interface Ensured {
  readonly webhook: WebhookRow;
  readonly action: 'unchanged' | 'updated' | 'created' | 'replaced';
  /** The ids of the webhooks that it deleted: duplicates, and those whose secret is unknown. */
  readonly deleted: readonly string[];
}

const LOOK_AGAIN_MS = 5_000;

/**
 * Makes sure that there is one webhook of this URL and name, with these lists. However many processes call this at the same
 * time, the oldest webhook stays. Never enables a webhook: that can switch a healthy one off.
 * @throws TypeError if an option is invalid
 * @throws BlueApiError
 */
export async function ensureWebhook(client: BlueClient, options: EnsureOptions): Promise<Ensured> {
  const wanted = wantedOf(options);
  const { onSecret, hasSecret = () => true } = options;
  if (typeof onSecret !== 'function') throw new TypeError('`onSecret` must be a function that stores the secret.');
  const look = async (): Promise<Contenders> => contendersIn(await listWebhooks(client), wanted);
  const deleted: string[] = [];
  const remove = async (webhooks: readonly WebhookRow[]) => {
    for (const { id } of webhooks) {
      await deleteWebhook(client, id);
      deleted.push(id);
    }
  };

  for (;;) {
    const seen = await look();
    const secrets = await Promise.all(seen.named.map(({ id }) => hasSecret(id)));
    const usable = seen.named.find((_, place) => secrets[place]);
    if (usable) {
      await remove(seen.orphans);
      // A young duplicate is deleted by the process that created it.
      await remove(seen.named.filter((each) => each !== usable && !seen.isYoung(each)));
      return { ...(await adjust(client, usable, wanted)), deleted };
    }
    if (seen.pending.length > 0 || seen.named.some(seen.isYoung)) {
      await sleep(client.clock, LOOK_AGAIN_MS);
      continue;
    }
    await remove(seen.orphans); // each takes a place of the plan
    const created = await create(client, wanted, onSecret, seen.named, look);
    if (!created || !(await stays(client, created, seen.named, look))) {
      if (created) await remove([created]);
      continue;
    }
    await remove(seen.named);
    return { webhook: created, action: seen.named.length > 0 ? 'replaced' : 'created', deleted };
  }
}

/** A new webhook under its name, its secret handed over; `undefined` if another process was faster. */
async function create(
  client: BlueClient,
  wanted: Wanted,
  onSecret: OnSecret,
  replaced: readonly WebhookRow[],
  look: () => Promise<Contenders>,
): Promise<WebhookRow | undefined> {
  try {
    const { id } = await createWebhook(client, { ...wanted, name: newPendingName(wanted.name) }, onSecret);
    return await update(client, { webhookId: id, name: wanted.name });
  } catch (error) {
    if (BlueApiError.is(error, 'WEBHOOK_NOT_FOUND')) return undefined; // so late that it was taken for an orphan
    if (!BlueApiError.is(error, 'PLAN_LIMIT_REACHED')) throw error;
    const old = new Set(replaced.map(({ id }) => id));
    const { named, pending } = await look();
    if (pending.length > 0 || named.some(({ id }) => !old.has(id))) return undefined;
    throw error;
  }
}

/** Whether a new webhook is the oldest of those created at the same time. Waits for those that are not named yet. */
async function stays(
  client: BlueClient,
  created: WebhookRow,
  replaced: readonly WebhookRow[],
  look: () => Promise<Contenders>,
): Promise<boolean> {
  const old = new Set(replaced.map(({ id }) => id));
  for (;;) {
    const { named, pending } = await look();
    const [oldest] = [...named.filter(({ id }) => !old.has(id)), ...pending].sort(byAge);
    if (!oldest || oldest.id === created.id) return true;
    if (named.includes(oldest)) return false;
    await sleep(client.clock, LOOK_AGAIN_MS);
  }
}

/** Changes the lists where they differ. */
async function adjust(
  client: BlueClient,
  webhook: WebhookRow,
  { events, projectIds }: Wanted,
): Promise<Pick<Ensured, 'webhook' | 'action'>> {
  const scope = scopeOf(webhook);
  if (scope && sameScope(scope, { events, projectIds })) return { webhook, action: 'unchanged' };
  const lists = { events: events as NonNullable<UpdateWebhookInput['events']>, projectIds };
  return { webhook: await update(client, { webhookId: webhook.id, ...lists }), action: 'updated' };
}

/** Updates without `enabled`, so that Blue sends no health check. */
export async function update(client: BlueClient, input: Omit<UpdateWebhookInput, 'enabled'>): Promise<WebhookRow> {
  return (await repeatedly(() => client.run('UpdateWebhook', { input }))).updateWebhook;
}
