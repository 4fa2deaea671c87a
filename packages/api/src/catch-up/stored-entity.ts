import type { KnownEntity } from './known';

/** An entity as a row of an SQL table. */
export interface StoredEntity {
  readonly kind: KnownEntity['kind'];
  readonly id: string;
  readonly project_id: string;
  readonly parent_id: string | null;
  readonly deleted_at_ms: number | null;
  /** Its row, as JSON. */
  readonly row: string;
}

export const toStored = ({ kind, id, projectId, parentId, deletedAtMs, row }: KnownEntity): StoredEntity => ({
  kind,
  id,
  project_id: projectId,
  parent_id: parentId ?? null,
  deleted_at_ms: deletedAtMs ?? null,
  row: JSON.stringify(row),
});

export const toEntity = ({ kind, id, project_id, parent_id, deleted_at_ms, row }: StoredEntity): KnownEntity => ({
  kind,
  id,
  projectId: project_id,
  parentId: parent_id ?? undefined,
  ...(deleted_at_ms === null ? {} : { deletedAtMs: Number(deleted_at_ms) }),
  row: JSON.parse(row),
});
