import type { WebhookQuery } from '../operations';

/** A webhook as Blue's API shows it. Its secret is in none but the answer to `CreateWebhook`. */
export type WebhookRow = WebhookQuery['webhook'];

/** The subscription of a webhook; an empty list means all. */
export interface Scope {
  readonly events: readonly string[];
  readonly projectIds: readonly string[];
}

/**
 * Returns the subscription of a webhook, or `undefined` if the row does not contain it: `null` means "all" only together with empty
 * lists in `metadata`.
 */
export function scopeOf({
  events,
  projectIds,
  metadata,
}: Pick<WebhookRow, 'events' | 'projectIds' | 'metadata'>): Scope | undefined {
  const lists = (typeof metadata === 'object' && metadata !== null ? metadata : {}) as Readonly<
    Record<string, unknown>
  >;
  const one = listOf(events, lists.events);
  const other = listOf(projectIds, lists.projectIds);
  return one && other ? { events: one, projectIds: other } : undefined;
}

function listOf(column: readonly string[] | null, inMetadata: unknown): readonly string[] | undefined {
  if (column) return column;
  return Array.isArray(inMetadata) && inMetadata.length === 0 ? [] : undefined;
}

/** Whether two scopes are the same; the order of a list is free. */
export const sameScope = (one: Scope, other: Scope): boolean =>
  sameSet(one.events, other.events) && sameSet(one.projectIds, other.projectIds);

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  const members = new Set(one);
  return members.size === new Set(other).size && other.every((member) => members.has(member));
}

/** Sorts webhooks by age, oldest first; the `id` decides between equals, so that all processes choose the same. */
export function byAge(one: WebhookRow, other: WebhookRow): number {
  const difference = Date.parse(one.createdAt) - Date.parse(other.createdAt);
  if (difference !== 0) return difference;
  return one.id < other.id ? -1 : 1;
}
