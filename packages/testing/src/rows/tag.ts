import type { ProjectRow, RowColumns } from './workspace';

export type TagColumns = RowColumns & { title: string; color: string };

/** A tag with its workspace. */
export type TagRow = TagColumns & { projectId: string; project: ProjectRow };

export function tagRow({ id, uid, title, color, createdAt, updatedAt }: TagColumns, project: ProjectRow): TagRow {
  return { id, uid, title, color, createdAt, updatedAt, projectId: project.id, project };
}
