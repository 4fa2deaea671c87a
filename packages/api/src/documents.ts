/** The operations, as text. Each is valid in the generations that its comment names; without one, in all of them. */

const webhook = 'id uid name url status events projectIds enabled metadata createdAt updatedAt';

const record = `id uid title text html position archived done startedAt duedAt timezone color cover createdAt updatedAt
  commentCount checklistCount checklistCompletedCount createdBy { id } users { id } tags { id title color }
  todoList { id uid title position createdAt updatedAt createdBy { id } project { id uid slug name archived } }
  customFields { id uid name type value text number checked regionCode countryCodes latitude longitude startDate endDate
    timezone currency selectedOption { id title } selectedOptions { id title } }
  checklists { id title position createdAt updatedAt createdBy { id }
    checklistItems { id title position done startedAt duedAt createdAt updatedAt createdBy { id } users { id } } }`;

const list = 'id uid title position createdAt updatedAt createdBy { id } project { id uid slug name archived }';

const comment = 'id uid html text category createdAt updatedAt deletedAt user { id } deletedBy { id }';

const page = 'pageInfo { hasNextPage totalItems }';

/** The text of every operation, by name. */
export const documents = {
  Webhook: `query Webhook($id: String!) { webhook(id: $id) { ${webhook} } }`,

  Webhooks: `query Webhooks($skip: Int, $take: Int) {
  webhooks(skip: $skip, take: $take) { items { ${webhook} } pageInfo { hasNextPage } }
}`,

  CreateWebhook: `mutation CreateWebhook($input: CreateWebhookInput!) { createWebhook(input: $input) { ${webhook} secret } }`,

  UpdateWebhook: `mutation UpdateWebhook($input: UpdateWebhookInput!) { updateWebhook(input: $input) { ${webhook} } }`,

  DeleteWebhook: `mutation DeleteWebhook($id: String!) { deleteWebhook(input: { webhookId: $id }) { success } }`,

  CurrentUser: 'query CurrentUser { currentUser { id } }',

  /** Whether the user is a member: `null` if not. Sent with one alias for each workspace. */
  Membership: 'query Membership($id: String!) { currentUser { id level: projectLevel(projectId: $id) } }',

  /** A, B */
  Workspaces: `query Workspaces($companyIds: [String!]!, $ids: [String!], $skip: Int) {
  workspaces: projectList(filter: { companyIds: $companyIds, ids: $ids, inProject: true }, skip: $skip, take: 100) {
    items { id uid slug name archived } pageInfo { hasNextPage }
  }
}`,

  /** C */
  WorkspacesC: `query WorkspacesC($companyIds: [String!]!, $ids: [String!], $skip: Int) {
  workspaces: workspaceList(filter: { companyIds: $companyIds, ids: $ids, inProject: true }, skip: $skip, take: 100) {
    items { id uid slug name archived } pageInfo { hasNextPage }
  }
}`,

  /** A: all records of a selection; no filter by time exists. */
  RecordsA: `query RecordsA($filter: TodosFilter!, $limit: Int, $skip: Int) {
  records: todoQueries { todos(filter: $filter, sort: [createdAt_ASC], limit: $limit, skip: $skip) { items { ${record} } ${page} } }
}`,

  /** B */
  RecordsB: `query RecordsB($filter: TodosFilter!, $limit: Int, $skip: Int) {
  records: todoQueries { todos(filter: $filter, sort: [updatedAt_ASC], limit: $limit, skip: $skip) { items { ${record} } ${page} } }
}`,

  /** C */
  RecordsC: `query RecordsC($filter: TodosFilter!, $limit: Int, $skip: Int) {
  records: recordQueries { todos(filter: $filter, sort: [updatedAt_ASC], limit: $limit, skip: $skip) { items { ${record} } ${page} } }
}`,

  /** A: the latest records of each list of a workspace. */
  ListsWithRecords: `query ListsWithRecords($projectId: String!, $first: Int) {
  lists: todoLists(projectId: $projectId) { ${list} todos(orderBy: updatedAt_DESC, first: $first) { ${record} } }
}`,

  /** A: further records of one list. */
  ListRecords: `query ListRecords($id: String!, $first: Int, $skip: Int) {
  list: todoList(id: $id) { id todos(orderBy: updatedAt_DESC, first: $first, skip: $skip) { ${record} } }
}`,

  /** A, B */
  Lists: `query Lists($projectId: String!) { lists: todoLists(projectId: $projectId) { ${list} } }`,

  /** C */
  ListsC: `query ListsC($projectId: String!) { lists: recordLists(projectId: $projectId) { ${list} } }`,

  Tags: `query Tags($projectIds: [String!], $skip: Int) {
  tagList(filter: { projectIds: $projectIds }, orderBy: createdAt_ASC, first: 500, skip: $skip) {
    items { id uid title color createdAt updatedAt project { id } } pageInfo { hasNextPage }
  }
}`,

  CustomFields: `query CustomFields($projectId: String!, $skip: Int) {
  customFields(filter: { projectId: $projectId }, skip: $skip, take: 500) {
    items { id uid name type position description min max currency prefix isDueDate formula createdAt updatedAt }
    pageInfo { hasNextPage }
  }
}`,

  /** Sent with one alias for each record. */
  Comments: `query Comments($id: String!, $skip: Int) {
  comments: commentList(categoryId: $id, category: TODO, orderBy: updatedAt_DESC, first: 100, skip: $skip) {
    comments { ${comment} } pageInfo { hasNextPage } totalCount
  }
}`,

  /** B, C: with replies. Sent with one alias for each record. */
  CommentThreads: `query CommentThreads($id: String!, $skip: Int) {
  comments: commentList(categoryId: $id, category: TODO, orderBy: updatedAt_DESC, first: 100, skip: $skip) {
    comments { ${comment} parentId replies { ${comment} parentId } } pageInfo { hasNextPage } totalCount
  }
}`,

  Activity: `query Activity($projectId: String!, $categories: [ActivityCategory!], $startDate: DateTime, $after: String) {
  activityList(projectId: $projectId, categories: $categories, startDate: $startDate, first: 100, after: $after, orderBy: createdAt_DESC) {
    activities { id category createdAt metadata todo { id } todoList { id } comment { id } } pageInfo { hasNextPage }
  }
}`,

  /** Of the whole organisation without a workspace. */
  LatestActivity: `query LatestActivity($projectId: String, $categories: [ActivityCategory!], $startDate: DateTime, $endDate: DateTime) {
  activityList(projectId: $projectId, categories: $categories, startDate: $startDate, endDate: $endDate, first: 1, orderBy: createdAt_DESC) {
    activities { id category createdAt }
  }
}`,

  /** The steps of a record's history, newest first. Sent with one alias for each record. */
  History: `query History($companyId: String!, $projectId: String!, $todoId: String!, $skip: Int) {
  history: todoActivity(filter: { companyId: $companyId, projectId: $projectId, todoId: $todoId, type: activities },
    orderBy: { createdAt: DESC, updatedAt: DESC }, limit: 24, skip: $skip) {
    items { ... on TodoAction { id type oldValue newValue createdAt affectedBy { id } customField { id } } } totalCount
  }
}`,

  Introspection: `query Introspection {
  query: __type(name: "Query") { fields { name } }
  filter: __type(name: "TodosFilter") { inputFields { name } }
  sort: __type(name: "TodosSort") { enumValues { name } }
  comment: __type(name: "Comment") { fields { name } }
}`,

  /** C: whether the newest names are accepted. */
  TrialC: `query TrialC($companyIds: [String!]!) {
  records: recordQueries { todos(filter: { companyIds: $companyIds }, limit: 1) { items { id } } }
}`,

  /** B, C: whether the newer filters are accepted. */
  TrialB: `query TrialB($companyIds: [String!]!) {
  records: todoQueries { todos(filter: { companyIds: $companyIds, updatedAt_gte: "2020-01-01T00:00:00.000Z", archived: false }, limit: 1) { items { id } } }
}`,

  TrialA: `query TrialA($companyIds: [String!]!) {
  records: todoQueries { todos(filter: { companyIds: $companyIds }, limit: 1) { items { id } } }
}`,
} as const;

/** The name of an operation. */
export type DocumentName = keyof typeof documents;

/** Returns the text of a document's only root field, without its alias, to be sent several times in one request. */
export function fieldIn(document: string, field: string): string {
  return document.slice(document.indexOf(`${field}(`), document.lastIndexOf('}')).trimEnd();
}
