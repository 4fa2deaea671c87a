import { type BlueEvent, type Delivery, type EventName, eventNames, type Receiver } from '@blue-webhooks/core';
import { projectOf } from '@blue-webhooks/core/changes';
import type { KnownEntity, KnownStore } from './known';
import type { Kind, Row } from './rows';
import { timeOf } from './run';

const kinds = {
  record: 'record',
  list: 'list',
  tag: 'tag',
  customField: 'customField',
  checklist: 'checklist',
  checklistItem: 'checklistItem',
  comment: 'comment',
} as const satisfies Record<keyof typeof eventNames, Kind>;

const parents: Partial<Record<Kind, string>> = {
  record: 'todoListId',
  checklist: 'todoId',
  checklistItem: 'checklistId',
  comment: 'todoId',
};

/**
 * Keeps `known` up to date from what a receiver handles, so that `catchUp` finds only what was missed. Call it after your own
 * handlers are registered.
 */
export function followKnown(receiver: Receiver, known: KnownStore): void {
  for (const [family, kind] of Object.entries(kinds)) {
    const names = eventNames[family as keyof typeof eventNames] as readonly EventName[];
    receiver.on(names, (event, delivery) => remember(known, kind, event, delivery));
  }
}

/** Deliveries are unordered: an older row must not replace a newer one, and an update from before a deletion must not undo it. */
function isOutdated(row: Row, before: KnownEntity, lives: boolean): boolean {
  const [knownMs, ms] = [timeOf(before.row.updatedAt), timeOf(row.updatedAt)];
  return knownMs > ms || (knownMs === ms && lives && before.deletedAtMs !== undefined);
}

async function remember(
  known: KnownStore,
  kind: Kind,
  event: BlueEvent,
  { signature, receivedAt }: Delivery,
): Promise<void> {
  if (signature === 'backfill') return; // catchUp stores the rows that it passes on
  const { currentValue, previousValue } = event as unknown as { currentValue: Row | null; previousValue: Row | null };
  const row = currentValue ?? previousValue;
  const projectId = projectOf(event)?.id;
  if (!row || projectId === undefined) return;
  const [before] = await known.get(kind, [row.id]);
  if (before && isOutdated(row, before, currentValue !== null)) return;
  const parent = row[parents[kind] ?? ''];
  const entity: KnownEntity = {
    kind,
    id: row.id,
    projectId,
    parentId: typeof parent === 'string' ? parent : undefined,
    row,
  };
  await known.put([currentValue ? entity : { ...entity, deletedAtMs: receivedAt.getTime() }]);
}
