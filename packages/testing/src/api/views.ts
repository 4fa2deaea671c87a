import { fixtures } from '../fixtures';
import { ApiError } from './codes';
import type { ApiContext } from './context';
import { type Row, rowIn, rowsIn } from './row';
import type { RowKind } from './state';

/** Rows as GraphQL objects: columns as they are, relations as functions. A `view` never contains more than the document selects. */
export type View = Readonly<Record<string, unknown>>;

const epoch = '1970-01-01T00:00:00.000Z';

export function userView({ state }: ApiContext, id: unknown): View | null {
  if (typeof id !== 'string') return null;
  const user = state.users.get(id) ?? {};
  const { firstName = 'Someone', lastName = '', email = '' } = user as Record<string, string>;
  return {
    id,
    uid: `uid-${id}`,
    username: email,
    email,
    firstName,
    lastName,
    locale: 'EN',
    fullName: `${firstName} ${lastName}`.trim(),
    createdAt: epoch,
    updatedAt: epoch,
    ...user,
  };
}

export function projectView({ state }: ApiContext, id: unknown): View {
  const row = state.projects.get(id as string) ?? fixtures.TODO_CREATED.currentValue.todoList.project;
  const company = state.companies.get(row.companyId as string);
  return { ...row, company: () => company };
}

export function listView(context: ApiContext, row: Row): View {
  return {
    ...row,
    isDisabled: false,
    isLocked: row.isLocked ?? false,
    createdBy: () => userView(context, row.createdById),
    project: () => projectView(context, row.projectId),
    todos: (args: { first?: number; skip?: number; orderBy?: string; done?: boolean }) =>
      context
        .sorted(
          context
            .records({ todoListIds: [row.id as string] })
            .filter(({ done }) => args.done === undefined || done === args.done),
          args.orderBy ? [args.orderBy] : ['position_ASC'],
        )
        .slice(args.skip ?? 0, (args.skip ?? 0) + (args.first ?? 500))
        .map((record) => recordView(context, record)),
    todosCount: () => context.records({ todoListIds: [row.id as string] }).length,
  };
}

export function recordView(context: ApiContext, row: Row): View {
  const { state } = context;
  const id = row.id as string;
  const projectId = () => state.projectIdOf('record', row);
  const list = () => listView(context, state.rows.list.get(row.todoListId as string) ?? {});
  const items = () => checklists().flatMap(({ id }) => below(context, 'checklistItem', 'checklistId', id));
  const checklists = () => below(context, 'checklist', 'todoId', id);
  return {
    ...row,
    html: row.html ?? '',
    text: row.text ?? '',
    position: Number(row.position),
    isRepeating: false,
    completedAt: () => (row.done ? (row.completedAt ?? row.updatedAt) : null),
    todoList: list,
    todoLists: () => [list()],
    users: () => rowsIn(row.todoUsers).map(({ userId }) => userView(context, userId)),
    createdBy: () => userView(context, row.createdById),
    tags: () =>
      rowsIn(row.todoTags).map(({ tagId, tag }) =>
        tagView(context, state.rows.tag.get(tagId as string) ?? (tag as Row)),
      ),
    commentCount: () => below(context, 'comment', 'todoId', id).filter(({ deletedAt }) => !deletedAt).length,
    checklistCount: () => items().length,
    checklistCompletedCount: () => items().filter(({ done }) => done).length,
    checklists: () => checklists().map((checklist) => checklistView(context, checklist)),
    customFields: () =>
      rowsOfProject(context, 'customField', projectId()).map((field) =>
        customFieldView(
          context,
          field,
          rowsIn(row.todoCustomFields).find(({ customFieldId }) => customFieldId === field.id),
        ),
      ),
  };
}

function checklistView(context: ApiContext, row: Row): View {
  return {
    ...row,
    createdBy: () => userView(context, row.createdById),
    todo: () => recordView(context, context.state.rows.record.get(row.todoId as string) ?? {}),
    checklistItems: () => below(context, 'checklistItem', 'checklistId', row.id).map((item) => itemView(context, item)),
  };
}

export function itemView(context: ApiContext, row: Row): View {
  return {
    ...row,
    createdBy: () => userView(context, row.createdById),
    users: () => rowsIn(row.checklistItemUsers).map(({ userId }) => userView(context, userId)),
    checklist: () => checklistView(context, context.state.rows.checklist.get(row.checklistId as string) ?? {}),
  };
}

export function commentView(context: ApiContext, row: Row): View {
  return {
    ...row,
    user: () => userView(context, row.userId),
    deletedBy: () => userView(context, row.deletedById),
    todo: () => {
      const record = context.visible('record', row.todoId);
      return record ? recordView(context, record) : null;
    },
    parentId: row.parentId ?? null,
    parent: null,
    replies: () => below(context, 'comment', 'parentId', row.id).map((reply) => commentView(context, reply)),
    replyCount: () => below(context, 'comment', 'parentId', row.id).length,
  };
}

export const tagView = (context: ApiContext, row: Row): View => ({
  ...row,
  project: () => projectView(context, row.projectId),
});

/** A field's definition; with a record's value, which is on the same object, `id` and times stay the definition's. */
export function customFieldView(context: ApiContext, row: Row, value?: Row): View {
  const { number, text, checked, regionCode, latitude, longitude, countryCodes } = value ?? {};
  const options = rowsIn(value?.todoCustomFieldOptions).map(({ customFieldOption }) => customFieldOption);
  const single = rowIn(value?.customFieldOption);
  const chosen = single ? [single] : options;
  return {
    ...row,
    customFieldOptions: () => rowsIn(row.customFieldOptions),
    project: () => projectView(context, row.projectId),
    editable: true,
    number,
    text,
    checked,
    regionCode,
    latitude,
    longitude,
    countryCodes: typeof countryCodes === 'string' ? countryCodes.split(',') : null,
    selectedOption: single,
    selectedOptions: value && chosen.length > 0 ? chosen : null,
    value: text ?? number ?? checked ?? null,
  };
}

/** Returns the rows of a workspace that the user may see. */
export function rowsOfProject(context: ApiContext, kind: RowKind, projectId: unknown): Row[] {
  return context.all(kind).filter((row) => context.state.projectIdOf(kind, row) === projectId);
}

/** Returns the children of a row, oldest first. */
function below(context: ApiContext, kind: RowKind, key: string, id: unknown): Row[] {
  return context.all(kind).filter((row) => row[key] === id);
}

/** @throws ApiError with this code if there is no row */
export function required(row: Row | undefined, code: string): Row {
  if (!row) throw new ApiError(code, 'The entity was not found.');
  return row;
}
