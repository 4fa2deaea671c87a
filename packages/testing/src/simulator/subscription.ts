import { eventNames } from '@blue-webhooks/core';
import type { SubscribableEvent } from '../payload';

/** A webhook's events and workspaces; an empty list means all of them. */
export interface Subscription {
  readonly events: readonly string[];
  readonly projectIds: readonly string[];
}

const names: ReadonlySet<string> = new Set(Object.values(eventNames).flat());

/** Returns whether a webhook can subscribe to an event of this name. */
export const isSubscribable = (name: unknown): name is SubscribableEvent => names.has(name as string);

/** Returns whether the webhook is subscribed to this event. */
export function isSubscribed({ events, projectIds }: Subscription, payload: { readonly event: string }): boolean {
  if (events.length > 0 && !events.includes(payload.event)) return false;
  return projectIds.length === 0 || projectIds.includes(projectIdOf(payload) ?? '');
}

/** The relations that lead up to the workspace, nearest first. */
const up = ['currentValue', 'previousValue', 'record', 'todoList', 'todo', 'checklist'];

/** Returns the workspace that a payload, or a row in it, belongs to. */
function projectIdOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const row = value as Record<string, unknown>;
  if (typeof row.projectId === 'string') return row.projectId;
  const project = row.project as { id?: unknown } | null | undefined;
  if (typeof project?.id === 'string') return project.id;
  for (const relation of up) {
    const id = projectIdOf(row[relation]);
    if (id !== undefined) return id;
  }
  return undefined;
}
