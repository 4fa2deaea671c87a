import type { Company, Project, User } from './entities';
import { entityRow, payloadOf } from './entity';
import type { BlueEvent } from './index';
import { isRow, type Row, relatedId, textOf } from './row';

/** Where a row hangs on another, from the bottom up. */
const parents = ['checklist', 'todo', 'todoList', 'discussion', 'statusUpdate', 'project'];

/** The row and those that it hangs on. A set, which a row that contains itself cannot keep growing. */
function lineage(row: Row): readonly Row[] {
  const rows = new Set([row]);
  for (const below of rows) {
    for (const parent of parents) {
      const { [parent]: above } = below;
      if (isRow(above)) rows.add(above);
    }
  }
  return [...rows];
}

/** The related row where one of the rows has it expanded, else its foreign key as a row with nothing but an `id`. */
function relative(rows: readonly Row[], relation: string): Row | undefined {
  const expanded = rows.map((row) => row[relation]).find((related) => isRow(related) && typeof related.id === 'string');
  if (expanded) return expanded as Row;
  const id = rows.map((row) => relatedId(row, relation)).find((key) => key !== undefined);
  return id === undefined ? undefined : { id };
}

/** The event's own fields, which older forms have, and the rows above its entity. */
function rowsAbove(event: BlueEvent): readonly Row[] {
  const entity = entityRow(event);
  return [payloadOf(event), ...(entity ? lineage(entity) : [])];
}

/**
 * The workspace that an event belongs to: often nothing but its `id`. Found above the entity, or because the webhook is
 * subscribed to one workspace alone; `undefined` where the delivery does not say.
 */
export function projectOf(event: BlueEvent): Project | undefined {
  if (event.event === 'WEBHOOK_HEALTH_CHECK') return undefined;
  const project = relative(rowsAbove(event), 'project');
  if (project) return project as Project;
  const { webhook } = payloadOf(event);
  const metadata = isRow(webhook) ? webhook.metadata : undefined;
  const only = isRow(metadata) && Array.isArray(metadata.projectIds) ? metadata.projectIds : [];
  const id = only.length === 1 ? textOf(only[0]) : undefined;
  return id === undefined ? undefined : { id };
}

/** The organisation that an event belongs to: often nothing but its `id`; `undefined` where the delivery does not say. */
export function companyOf(event: BlueEvent): Company | undefined {
  const rows = rowsAbove(event);
  const project = relative(rows, 'project');
  return relative(project ? [...rows, project] : rows, 'company') as Company | undefined;
}

/**
 * Returns the user who caused the event, if the delivery contains it: who created the entity, or who wrote or deleted the
 * comment. Returns `undefined` for other changes: a delivery does not say who made them.
 */
export function actorOf(event: BlueEvent): User | undefined {
  const body = payloadOf(event);
  const entity = entityRow(event);
  if (!entity) return undefined;
  const actor = relationToActor(textOf(body.event) ?? '');
  const user = body.event === 'RECORD_CREATED' ? relative([body], 'user') : undefined;
  return (user ?? (actor && relative([entity], actor))) as User | undefined;
}

function relationToActor(name: string): string | undefined {
  if (name === 'COMMENT_CREATED') return 'user';
  if (name === 'COMMENT_DELETED') return 'deletedBy';
  return name.endsWith('_CREATED') ? 'createdBy' : undefined;
}
