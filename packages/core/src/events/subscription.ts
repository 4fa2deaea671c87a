import { payloadOf } from './entity';
import type { BlueEvent } from './index';
import { isRow, textOf } from './row';

/** What a webhook is subscribed to. */
export interface Subscription {
  readonly webhookId: string | undefined;
  /** Events by their names on the wire; `undefined` where the delivery does not say. */
  readonly events: readonly string[] | 'all' | undefined;
  /** Workspaces by their ids; `'all'` of those that the webhook's creator is in. */
  readonly projectIds: readonly string[] | 'all' | undefined;
}

/** What the webhook that sent an event is subscribed to: Blue means everything by an empty list, and this says `'all'`. */
export function subscription(event: BlueEvent): Subscription | undefined {
  const { webhook } = payloadOf(event);
  if (!isRow(webhook)) return undefined;
  const { events, projectIds } = isRow(webhook.metadata) ? webhook.metadata : {};
  return { webhookId: textOf(webhook.id), events: listed(events), projectIds: listed(projectIds) };
}

function listed(list: unknown): readonly string[] | 'all' | undefined {
  if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) return undefined;
  return list.length === 0 ? 'all' : list;
}
