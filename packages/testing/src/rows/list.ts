import type { ProjectRow, RowColumns } from './workspace';

export type ListColumns = RowColumns & {
  title: string;
  /** A float column: a number, unlike a record's. */
  position: number;
  createdById: string;
};

/** A list with its workspace. */
export type ListRow = ListColumns & { projectId: string; project: ProjectRow };

export function listRow(columns: ListColumns, project: ProjectRow): ListRow {
  const { id, uid, createdAt, updatedAt, title, position, createdById } = columns;
  return { id, uid, createdAt, updatedAt, title, position, createdById, projectId: project.id, project };
}
