import type { BlueClient, RequestOptions } from '../client';
import { documents } from '../documents';
import type { WebhooksQuery } from '../operations';
import type { WebhookRow } from './webhook-row';

const PAGE = 100;
const MAX_PAGES = 100;

/** The webhooks of a user, and when they were listed by the server's clock. */
export interface WebhookList {
  readonly webhooks: readonly WebhookRow[];
  readonly atMs: number;
}

/**
 * Returns all webhooks of the token's user, newest first. Disabled ones are among them: Blue's own filter for those returns all.
 * @throws BlueApiError
 */
export async function listWebhooks(client: BlueClient, options?: RequestOptions): Promise<WebhookList> {
  const found = new Map<string, WebhookRow>();
  let skip = 0;
  for (let page = 1; ; page++) {
    const { data, date } = await client.request(documents.Webhooks, { skip, take: PAGE }, options);
    const { items, pageInfo } = (data as unknown as WebhooksQuery).webhooks;
    for (const webhook of items) found.set(webhook.id, webhook);
    skip += items.length;
    if (pageInfo.hasNextPage && items.length > 0 && page < MAX_PAGES) continue;
    return { webhooks: [...found.values()], atMs: date?.getTime() ?? client.clock.now() };
  }
}
