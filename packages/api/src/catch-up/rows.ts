import type { CommentThreadsQuery, CustomFieldsQuery, ListsQuery, RecordsCQuery, TagsQuery } from '../operations';

/** A database row, as far as the API returns it: in the shape of a delivery, without ids that the API does not return. */
export type Row = { readonly id: string } & { readonly [column: string]: unknown };

/** The kinds of rows that are compared. */
export type Kind = 'record' | 'list' | 'tag' | 'customField' | 'checklist' | 'checklistItem' | 'comment';

type ApiRecord = RecordsCQuery['records']['todos']['items'][number];
type ApiField = ApiRecord['customFields'][number];
type ApiChecklist = ApiRecord['checklists'][number];
type ApiComment = CommentThreadsQuery['comments']['comments'][number];
type ApiReply = Omit<ApiComment, 'replies' | 'parentId'> & { readonly parentId?: string | null };

/** A record and its children. */
export interface RecordTree {
  readonly record: Row;
  readonly projectId: string;
  readonly commentCount: number;
  readonly checklists: readonly Row[];
  readonly items: readonly Row[];
}

/** Converts a record of the API. `""` is what the API returns where the row has no description. */
export function recordTree(api: ApiRecord): RecordTree {
  const { todoList } = api;
  const project = { id: todoList.project.id, slug: todoList.project.slug, name: todoList.project.name };
  const listed = {
    id: api.id,
    uid: api.uid,
    title: api.title,
    html: api.html || null,
    text: api.text || null,
    position: String(api.position),
    archived: api.archived,
    done: api.done,
    startedAt: api.startedAt,
    duedAt: api.duedAt,
    timezone: api.timezone,
    color: api.color,
    cover: api.cover,
    createdAt: api.createdAt,
    updatedAt: api.updatedAt,
    createdById: api.createdBy?.id ?? null,
    todoListId: todoList.id,
    todoList: { ...listColumns(todoList), projectId: project.id, project },
  };
  const record = {
    ...listed,
    todoUsers: api.users.map(({ id }) => ({ userId: id, user: { id } })),
    todoTags: api.tags.map((tag) => ({ tagId: tag.id, tag })),
    todoCustomFields: api.customFields.filter(hasValue).map(fieldValue),
  };
  const checklists = api.checklists.map((checklist) => checklistRow(checklist, listed));
  return {
    record,
    projectId: project.id,
    commentCount: api.commentCount,
    checklists,
    items: api.checklists.flatMap((checklist, place) => itemRows(checklist, checklists[place] as Row)),
  };
}

const listColumns = ({
  id,
  uid,
  title,
  position,
  createdAt,
  updatedAt,
  createdBy,
}: Omit<ListsQuery['lists'][number], 'project'>) => ({
  id,
  uid,
  title,
  position,
  createdAt,
  updatedAt,
  createdById: createdBy?.id ?? null,
});

/** The API lists every field of the workspace, a row only those with a value. */
function hasValue({
  text,
  number,
  checked,
  regionCode,
  countryCodes,
  latitude,
  longitude,
  selectedOption,
  selectedOptions,
}: ApiField): boolean {
  const empty = (value: unknown) => value === null || value === undefined || value === '';
  const lists = [countryCodes, selectedOptions].some((list) => (list?.length ?? 0) > 0);
  return lists || ![text, number, checked, regionCode, latitude, longitude, selectedOption].every(empty);
}

function fieldValue({ id, name, type, selectedOption, selectedOptions, countryCodes, ...columns }: ApiField) {
  const { text, number, checked, regionCode, latitude, longitude } = columns;
  const several = type === 'SELECT_MULTI' ? (selectedOptions ?? []) : [];
  const single = type === 'SELECT_MULTI' ? null : (selectedOption ?? selectedOptions?.[0] ?? null);
  return {
    customFieldId: id,
    customField: { id, name, type },
    number,
    text,
    checked,
    regionCode,
    latitude,
    longitude,
    countryCodes: countryCodes && countryCodes.length > 0 ? countryCodes.join(',') : null,
    customFieldOptionId: single?.id ?? null,
    customFieldOption: single,
    todoCustomFieldOptions: several.map((option) => ({ customFieldOptionId: option.id, customFieldOption: option })),
  };
}

function checklistRow(api: ApiChecklist, todo: Row): Row {
  const { id, title, position, createdAt, updatedAt, createdBy } = api;
  return { id, title, position, createdAt, updatedAt, createdById: createdBy.id, todoId: todo.id, todo };
}

function itemRows(api: ApiChecklist, checklist: Row): Row[] {
  return api.checklistItems.map(
    ({ id, title, position, done, startedAt, duedAt, createdAt, updatedAt, createdBy, users }) => ({
      id,
      title,
      position,
      done,
      startedAt,
      duedAt,
      createdAt,
      updatedAt,
      createdById: createdBy.id,
      checklistId: checklist.id,
      checklist,
      checklistItemUsers: users.map((user) => ({ userId: user.id, user: { id: user.id } })),
    }),
  );
}

/** Comments on a record and their replies, as rows. */
export function commentRows(comments: readonly ApiComment[] | readonly ApiReply[], todo: Row): Row[] {
  return comments.flatMap((comment) => {
    const {
      id,
      uid,
      html,
      text,
      category,
      createdAt,
      updatedAt,
      deletedAt,
      user,
      deletedBy,
      parentId = null,
    } = comment;
    const replies = 'replies' in comment ? comment.replies : [];
    const row: Row = {
      ...{
        id,
        uid,
        html,
        text,
        category,
        createdAt,
        updatedAt,
        deletedAt,
        parentId,
        deletedById: deletedBy?.id ?? null,
      },
      userId: user.id,
      user: { id: user.id },
      todoId: todo.id,
      todo,
    };
    return [row, ...commentRows(replies, todo)];
  });
}

export function listRow(api: ListsQuery['lists'][number]): Row {
  const { id, slug, name } = api.project;
  return { ...listColumns(api), projectId: id, project: { id, slug, name } };
}

export function tagRow({ project, ...columns }: TagsQuery['tagList']['items'][number]): Row {
  return { ...columns, projectId: project.id, project: { id: project.id } };
}

export function customFieldRow(columns: CustomFieldsQuery['customFields']['items'][number], projectId: string): Row {
  return { ...columns, projectId, project: { id: projectId } };
}
