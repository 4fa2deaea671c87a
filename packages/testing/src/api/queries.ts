import { ApiError } from './codes';
import type { ApiContext, RecordFilter } from './context';
import { pageOf } from './page';
import type { Row } from './row';
import {
  commentView,
  customFieldView,
  itemView,
  listView,
  projectView,
  recordView,
  required,
  rowsOfProject,
  tagView,
  userView,
  type View,
} from './views';

const MAX_RECORDS = 500;

interface Paging {
  readonly skip?: number;
  readonly take?: number;
  readonly first?: number;
  readonly after?: string;
}

/** The fields of `Query`. */
export const queries = {
  currentUser: (_: unknown, context: ApiContext) => ({
    ...userView(context, context.userId),
    projectLevel: ({ projectId }: { projectId?: string }) =>
      projectId && context.state.projects.has(projectId) && context.isMember(projectId) ? 'MEMBER' : null,
    companyLevel: 'MEMBER',
  }),
  company: (_: unknown, { state }: ApiContext) => [...state.companies.values()][0],

  webhook: ({ id }: { id: string }, { webhooks, userId }: ApiContext) => webhookView(webhooks.own(id, userId).webhook),
  webhooks({ filter, skip = 0, take = 20 }: Paging & { filter?: { enabled?: boolean } }, context: ApiContext) {
    const own = context.webhooks.lines
      .map(({ webhook }) => webhook)
      .filter(({ createdById }) => createdById === context.userId);
    // `enabled: false` does not filter in Blue either.
    const chosen = own.filter(({ enabled }) => filter?.enabled !== true || enabled).reverse();
    return pageOf(chosen.map(webhookView), skip, take);
  },

  todoQueries: () => ({ todos: listRecords }),
  recordQueries: () => ({ todos: listRecords }),
  todo: ({ id }: { id: string }, context: ApiContext) =>
    recordView(context, required(context.visible('record', id), 'TODO_NOT_FOUND')),
  todoLists: listLists,
  recordLists: listLists,
  todoList: oneList,
  recordList: oneList,
  todoListQueries: () => ({
    todoLists(
      { filter, skip = 0, take = 20 }: Paging & { filter: { projectIds?: string[]; ids?: string[] } },
      context: ApiContext,
    ) {
      const { projectIds, ids } = filter;
      const lists = context
        .all('list')
        .filter(
          (list) =>
            (!projectIds || projectIds.includes(list.projectId as string)) && (!ids || ids.includes(list.id as string)),
        );
      return pageOf(
        context.sorted(lists, ['position_ASC']).map((list) => listView(context, list)),
        skip,
        take,
      );
    },
  }),

  tagList(
    {
      filter,
      first = 500,
      skip = 0,
      orderBy,
    }: Paging & { filter: { projectIds?: string[]; tagIds?: string[] }; orderBy?: string },
    context: ApiContext,
  ) {
    const tags = context
      .all('tag')
      .filter(({ projectId }) => !filter.projectIds || filter.projectIds.includes(projectId as string))
      .filter(({ id }) => !filter.tagIds || filter.tagIds.includes(id as string));
    return pageOf(
      context.sorted(tags, orderBy ? [orderBy] : []).map((tag) => tagView(context, tag)),
      skip,
      first,
    );
  },
  customFields({ filter, skip = 0, take = 500 }: Paging & { filter?: { projectId?: string } }, context: ApiContext) {
    const fields = filter?.projectId
      ? rowsOfProject(context, 'customField', filter.projectId)
      : context.all('customField');
    return pageOf(
      fields.map((field) => customFieldView(context, field)),
      skip,
      take,
    );
  },
  commentList(
    {
      categoryId,
      category,
      orderBy,
      first,
      skip = 0,
    }: Paging & { categoryId: string; category: string; orderBy?: string },
    context: ApiContext,
  ) {
    const all = context
      .all('comment')
      .filter((row) => category === 'TODO' && row.todoId === categoryId && !row.parentId);
    const page = pageOf(
      context.sorted(all, orderBy ? [orderBy] : ['createdAt_DESC']),
      skip,
      first ?? Number.MAX_SAFE_INTEGER,
    );
    return { ...page, comments: page.items.map((comment) => commentView(context, comment)) };
  },
  checklistItems(
    { filter, skip = 0, take = 20 }: Paging & { filter: { excludeArchivedProjects?: boolean | null } },
    context: ApiContext,
  ) {
    const items = filter.excludeArchivedProjects === false ? [] : context.all('checklistItem');
    return pageOf(
      items.map((item) => itemView(context, item)),
      skip,
      take,
    );
  },
  projectList: listProjects,
  workspaceList: listProjects,
  activityList: listActivities,
  todoActivity: listActions,
};

export const webhookView = ({
  metadata,
  ...row
}: { metadata: { events: string[]; projectIds: string[] } } & object): View => ({
  ...row,
  ...metadata,
  metadata,
  secret: null,
});

interface RecordArguments {
  readonly filter: RecordFilter & { readonly companyIds: readonly string[] };
  readonly sort: readonly string[];
  readonly limit: number;
  readonly skip: number;
  readonly after?: string | null;
}

function listRecords({ filter, sort, limit, skip, after }: RecordArguments, context: ApiContext) {
  const sorted = context.sorted(context.records(filter), sort);
  const take = limit <= 0 || limit > MAX_RECORDS ? MAX_RECORDS : limit;
  const view = (row: Row) => recordView(context, row);
  if (typeof after !== 'string') {
    const page = pageOf(sorted, skip, take);
    return { ...page, items: page.items.map(view) };
  }
  if (filter.projectIds?.length !== 1 || sort.length !== 1 || sort[0] !== 'position_DESC') {
    throw new ApiError('BAD_USER_INPUT', 'A cursor needs one project and the sort position_DESC.');
  }
  const page = pageOf(sorted, sorted.findIndex(({ id }) => id === after) + 1, take);
  const pageInfo = { ...page.pageInfo, totalItems: null, totalPages: null };
  return { items: page.items.map(view), pageInfo };
}

function listLists({ projectId }: { projectId: string }, context: ApiContext) {
  context.requireProject(projectId);
  const lists = context.sorted(rowsOfProject(context, 'list', projectId), ['position_ASC']);
  return lists.map((list) => listView(context, list));
}

function oneList({ id }: { id: string }, context: ApiContext) {
  const list = context.visible('list', id);
  return list ? listView(context, list) : null;
}

function listProjects(
  { filter, skip = 0, take = 20 }: Paging & { filter: { companyIds: string[]; ids?: string[]; archived?: boolean } },
  context: ApiContext,
) {
  const projects = context
    .projects(filter.companyIds)
    .filter(({ id }) => !filter.ids || filter.ids.includes(id as string))
    .filter(({ archived }) => typeof filter.archived !== 'boolean' || archived === filter.archived);
  return pageOf(
    projects.map(({ id }) => projectView(context, id)),
    skip,
    take,
  );
}

interface ActivityArguments extends Paging {
  readonly projectId?: string | null;
  readonly companyId?: string | null;
  readonly categories?: readonly string[] | null;
  readonly startDate?: string | null;
  readonly endDate?: string | null;
  readonly orderBy?: string | null;
}

function listActivities(args: ActivityArguments, context: ApiContext) {
  context.requireOrganization();
  const { projectId, companyId, categories, startDate, endDate, first = 20, skip = 0, after, orderBy } = args;
  if (companyId && companyId !== context.organization) throw new ApiError('FORBIDDEN', 'You are not authorized.');
  if (projectId) context.requireProject(projectId);
  const { removalsHidden } = context.switches;
  const hidesRemovals = removalsHidden === 'always' || (removalsHidden === 'organization' && !projectId);
  const { activities } = context.log;
  const found = activities.filter(
    (entry) =>
      (!projectId || entry.projectId === projectId) &&
      (entry.projectId === undefined || context.isMember(entry.projectId)) &&
      (!categories || categories.includes(entry.category)) &&
      !(hidesRemovals && entry.category === 'REMOVE_TODO') &&
      (!startDate || entry.createdAt >= startDate) &&
      (!endDate || entry.createdAt <= endDate) &&
      (entry.commentId === undefined || context.visible('comment', entry.commentId) !== undefined),
  );
  const ascending = orderBy === 'createdAt_ASC';
  const ordered = ascending ? found : found.reverse();
  const start = after ? ordered.findIndex(({ id }) => id === after) + 1 : skip;
  const page = pageOf(ordered, start, first);
  return {
    activities: page.items.map((entry) => activityView(context, entry)),
    pageInfo: page.pageInfo,
    totalCount: page.items.length,
  };
}

function activityView(context: ApiContext, entry: ApiContext['log']['activities'][number]): View {
  const { removalNames } = context.switches;
  const removed = entry.category === 'REMOVE_TODO';
  const { todoId, todoListId, commentId } = entry;
  const record = context.visible('record', todoId);
  const list = context.visible('list', todoListId);
  const comment = context.visible('comment', commentId);
  const stub = () =>
    context.state.trash.get(todoId ?? '')?.find(([kind, { id }]) => kind === 'record' && id === todoId)?.[1];
  const todo = removed ? (removalNames === 'todo' ? stub() : undefined) : record;
  return {
    id: entry.id,
    uid: `uid-${entry.id}`,
    category: entry.category,
    html: '',
    createdAt: entry.createdAt,
    updatedAt: entry.createdAt,
    createdBy: userView(context, context.userId),
    project: () => (entry.projectId ? projectView(context, entry.projectId) : null),
    todo: todo ? () => recordView(context, todo) : null,
    todoList: list ? () => listView(context, list) : null,
    comment: comment ? () => commentView(context, comment) : null,
    metadata: removed && removalNames === 'metadata' ? JSON.stringify({ todoId, title: '' }) : null,
  };
}

interface ActionArguments extends Paging {
  readonly filter: { readonly todoId: string; readonly type?: string | null };
  readonly orderBy?: { readonly createdAt: string };
  readonly limit?: number;
}

function listActions({ filter, orderBy, limit = 24, skip = 0 }: ActionArguments, context: ApiContext) {
  const record = required(context.visible('record', filter.todoId), 'TODO_NOT_FOUND');
  const actions = context.log.actions
    .filter(({ todoId }) => todoId === record.id)
    .map((entry) => actionView(context, entry, record));
  const comments = context
    .all('comment')
    .filter(({ todoId }) => todoId === record.id)
    .map((comment) => ({ ...commentView(context, comment), __typename: 'Comment' }));
  const all: (View & { id?: unknown })[] = [
    ...(filter.type === 'comments' ? [] : actions),
    ...(filter.type === 'activities' ? [] : comments),
  ];
  const ordered = context.sorted(all as Row[], [`createdAt_${orderBy?.createdAt ?? 'DESC'}`]);
  return pageOf(ordered, skip, Math.min(limit, 24));
}

function actionView(context: ApiContext, entry: ApiContext['log']['actions'][number], record: Row): View {
  const { affectedById, customFieldId, todoId: _, ...columns } = entry;
  const field = context.visible('customField', customFieldId);
  return {
    ...columns,
    __typename: 'TodoAction',
    uid: `uid-${entry.id}`,
    automated: false,
    updatedAt: entry.createdAt,
    deletedAt: null,
    affectedBy: () => userView(context, affectedById),
    customField: field ? () => customFieldView(context, field) : null,
    todo: () => recordView(context, record),
    user: () => userView(context, context.userId),
  };
}
