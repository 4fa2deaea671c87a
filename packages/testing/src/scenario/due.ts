import type { Workspace } from './workspace';

const DAY_MS = 86_400_000;

/** A due date that is added, moved or removed: the end of an event's name, and the columns that change. */
export function changeDue(
  workspace: Workspace,
  duedAt: string | null,
): ['ADDED' | 'UPDATED' | 'REMOVED', string | null] {
  if (duedAt !== null && workspace.random() < 0.3) return ['REMOVED', null];
  // Relative to the current due date, so that a moved one differs.
  const from = duedAt === null ? Date.parse(workspace.now) : Date.parse(duedAt);
  const day = Math.floor(from / DAY_MS) + 1 + workspace.integer(21);
  const at = new Date(day * DAY_MS + 16 * 3_600_000).toISOString();
  return [duedAt === null ? 'ADDED' : 'UPDATED', at];
}
