import type { WebhookList } from './list-webhooks';
import { sameUrl, type Wanted } from './wanted';
import { byAge, type WebhookRow } from './webhook-row';

/** How long a process may take from creating a webhook to naming it; what takes longer is left over from one that died. */
const STALE_MS = 60_000;

const pendingName = / \(setting up [0-9a-f]{8}\)$/;

/** The name of a webhook whose secret is not stored yet. */
export const newPendingName = (name: string): string => `${name} (setting up ${crypto.randomUUID().slice(0, 8)})`;

/** The webhooks of one URL and name, oldest first. */
export interface Contenders {
  /** Those whose secret was handed over. */
  readonly named: readonly WebhookRow[];
  /** Those that another process is about to hand over. */
  readonly pending: readonly WebhookRow[];
  /** Those of a process that died before it did. */
  readonly orphans: readonly WebhookRow[];
  isYoung(webhook: WebhookRow): boolean;
}

/** Sorts out the webhooks of one URL and name. */
export function contendersIn({ webhooks, atMs }: WebhookList, { url, name }: Wanted): Contenders {
  const isYoung = ({ createdAt }: WebhookRow) => atMs - Date.parse(createdAt) < STALE_MS;
  const same = webhooks.filter((webhook) => sameUrl(webhook.url, url)).sort(byAge);
  const unnamed = same.filter((each) => each.name?.replace(pendingName, '') === name && each.name !== name);
  return {
    named: same.filter((each) => each.name === name),
    pending: unnamed.filter(isYoung),
    orphans: unnamed.filter((each) => !isYoung(each)),
    isYoung,
  };
}
