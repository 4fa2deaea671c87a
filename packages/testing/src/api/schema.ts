/**
 * A version of the schema that Blue has published or documented: `A`, the schema file of 2025-11; `B`, the older pages of
 * the documentation; `C`, the newest.
 */
export type Generation = 'A' | 'B' | 'C';

/**
 * An excerpt of `schema.graphql` of the project `heyblueteam/cli` on GitHub, as of 2025-11-24: the operations on webhooks
 * and those that read state, their fields and arguments as published, without what is reachable only from the rest.
 */
const published = /* GraphQL */ `
type Query {
  activityList(companyId: String, projectId: String, userId: String, userIds: [String!], tagIds: [String!], categories: [ActivityCategory!], startDate: DateTime, endDate: DateTime, skip: Int, after: String, before: String, first: Int, last: Int, orderBy: ActivityOrderByInput): ActivityList!
  commentList(categoryId: String!, category: CommentCategory!, after: String, before: String, first: Int, last: Int, orderBy: DiscussionOrderByInput, skip: Int): CommentList!
  company(id: String): Company!
  checklistItems(filter: ChecklistItemFilterInput!, sort: [TodosSort!], skip: Int = 0, take: Int = 20): ChecklistItemPagination!
  customFields(filter: CustomFieldFilterInput, sort: CustomFieldSort, skip: Int = 0, take: Int = 500): CustomFieldPagination!
  currentUser: User!
  projectList(filter: ProjectListFilter!, sort: [ProjectSort!], skip: Int = 0, take: Int = 20, orderBy: ProjectOrderByInput, after: String, before: String, first: Int, last: Int): ProjectPagination!
  tagList(filter: TagListFilter!, after: String, before: String, first: Int = 500, last: Int, orderBy: TagOrderByInput, skip: Int, distinct: [TagListFilterDistinct!]): TagPagination!
  todo(id: String!): Todo!
  todoActivity(filter: TodoActivityFilter!, orderBy: TodoActivityOrderBy, limit: Int, skip: Int): TodoActivityPagination!
  todoList(id: String!): TodoList
  todoLists(projectId: String!): [TodoList!]!
  todoListQueries: TodoListQueries!
  todoQueries: TodoQueries!
  webhook(id: String!): Webhook!
  webhooks(filter: WebhookFilter, skip: Int = 0, take: Int = 20): WebhookPagination!
}

type Mutation {
  createWebhook(input: CreateWebhookInput!): Webhook!
  deleteWebhook(input: DeleteWebhookInput!): MutationResult!
  disableWebhook(input: DisableWebhookInput!): MutationResult!
  updateWebhook(input: UpdateWebhookInput!): Webhook!
}

type ActivityList {
  activities: [Activity!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

type CommentList {
  comments: [Comment!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

type Company {
  id: ID!
  uid: String!
  name: String!
  slug: String!
  description: String
  createdAt: DateTime!
  updatedAt: DateTime!
}

type ChecklistItemPagination {
  items: [ChecklistItem!]!
  pageInfo: PageInfo!
}

type CustomFieldPagination {
  items: [CustomField!]!
  pageInfo: PageInfo!
  totalCount: Int
}

type User {
  id: ID!
  uid: String!
  username: String!
  email: String!
  firstName: String!
  lastName: String!
  fullName: String!
  jobTitle: String
  locale: Locale!
  createdAt: DateTime!
  updatedAt: DateTime!
  companyLevel(companyId: String): UserAccessLevel
  projectLevel(projectId: String): UserAccessLevel
  timezone: String
}

type ProjectPagination {
  items: [Project!]!
  pageInfo: PageInfo!
  totalCount: Int
}

type TagPagination {
  items: [Tag!]!
  pageInfo: PageInfo!
  totalCount: Int!
}

type Todo {
  id: ID!
  uid: String!
  position: Float!
  title: String!
  text: String!
  html: String!
  todoList: TodoList!
  users: [User!]!
  startedAt: DateTime
  duedAt: DateTime
  timezone: String
  color: String
  commentCount: Int!
  createdBy: User
  createdAt: DateTime!
  updatedAt: DateTime!
  cover: String
  coverLocked: Boolean
  archived: Boolean!
  done: Boolean!
  tags: [Tag!]!
  checklists(orderBy: ChecklistOrderByInput, skip: Int, after: String, first: Int): [Checklist!]!
  checklistCount: Int!
  checklistCompletedCount: Int!
  customFields(filter: TodoCustomFieldFilterInput): [CustomField!]!
  isRepeating: Boolean!
}

type TodoActivityPagination {
  items: [TodoActivityResult!]!
  totalCount: Int!
}

type TodoList {
  id: ID!
  uid: String!
  position: Float!
  title: String!
  isDisabled: Boolean!
  isLocked: Boolean
  createdAt: DateTime!
  updatedAt: DateTime!
  createdBy: User
  project: Project!
  todos(first: Int, skip: Int, orderBy: TodoOrderByInput, done: Boolean, after: String): [Todo!]!
  todosCount(done: Boolean): Int!
  completed: Boolean
  editable: Boolean
  deletable: Boolean
}

type TodoListQueries {
  todoLists(filter: TodoListsFilterInput!, sort: [TodoListsSort!] = [position_ASC], skip: Int = 0, take: Int = 20, distinct: [TodoListsFilterDistinct!]): TodoListsPagination!
}

type TodoQueries {
  todos(filter: TodosFilter!, sort: [TodosSort!] = [], limit: Int = 20, skip: Int = 0): TodosResult!
}

type Webhook {
  id: ID!
  uid: String!
  name: String
  url: String!
  secret: String
  status: WebhookStatusType!
  events: [WebhookEvent!]
  projectIds: [String!]
  enabled: Boolean
  metadata: JSON
  createdAt: DateTime!
  updatedAt: DateTime!
}

type WebhookPagination {
  items: [Webhook!]!
  pageInfo: PageInfo!
}

enum ActivityCategory {
  REMOVE_TODO
  REMOVE_TODO_LIST
  CREATE_COMMENT
  CREATE_DISCUSSION
  CREATE_STATUS_UPDATE
  CREATE_TODO
  CREATE_TODO_LIST
  COPY_TODO
  EDIT_NAME
  EDIT_JOB_TITLE
  CREATE_INVITATION
  CANCEL_INVITATION
  ACCEPT_INVITATION
  REJECT_INVITATION
  ADD_USER_TO_PROJECT
  REMOVE_USER_FROM_PROJECT
  REMOVE_USER_FROM_COMPANY
  LEAVE_COMPANY
  LEAVE_PROJECT
  MOVE_TODO
  ARCHIVE_PROJECT
  UNARCHIVE_PROJECT
  REPEAT_TODO
  UPDATE_COMPANY_ACCESS_LEVEL
  UPDATE_PROJECT_ACCESS_LEVEL
  CREATE_CUSTOM_FIELD
  CREATE_QUESTION
  MARK_TODO_AS_COMPLETE
  RECEIVE_FORM
}

scalar DateTime

enum ActivityOrderByInput {
  id_ASC
  id_DESC
  uid_ASC
  uid_DESC
  category_ASC
  category_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
  inviteeEmail_ASC
  inviteeEmail_DESC
  metadata_ASC
  metadata_DESC
  userAccessLevel_ASC
  userAccessLevel_DESC
}

enum CommentCategory {
  DISCUSSION
  STATUS_UPDATE
  TODO
}

enum DiscussionOrderByInput {
  id_ASC
  id_DESC
  uid_ASC
  uid_DESC
  title_ASC
  title_DESC
  html_ASC
  html_DESC
  text_ASC
  text_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
}

input ChecklistItemFilterInput {
  q: String
  done: Boolean
  todoDone: Boolean
  excludeArchivedProjects: Boolean
  assigneeIds: [String!]
}

enum TodosSort {
  assignees_ASC
  assignees_DESC
  createdAt_ASC
  createdAt_DESC
  createdBy_ASC
  createdBy_DESC
  duedAt_ASC
  duedAt_DESC
  position_ASC
  position_DESC
  startedAt_ASC
  startedAt_DESC
  title_ASC
  title_DESC
  todoListPosition_ASC
  todoListPosition_DESC
  todoListTitle_ASC
  todoListTitle_DESC
  todoTags_ASC
  todoTags_DESC
  projectName_ASC
  projectName_DESC
  checklistTitle_ASC
  checklistTitle_DESC
  checklistItemTitle_ASC
  checklistItemTitle_DESC
  todoCustomFieldDate_ASC
  todoCustomFieldDate_DESC
  todoCustomFieldSelectSingle_ASC
  todoCustomFieldSelectSingle_DESC
  todoCustomFieldSelectMulti_ASC
  todoCustomFieldSelectMulti_DESC
}

input CustomFieldFilterInput {
  projectId: String
  types: [CustomFieldType!]
}

enum CustomFieldSort {
  name_ASC
  name_DESC
  createdAt_ASC
  createdAt_DESC
  position_ASC
  position_DESC
}

input ProjectListFilter {
  companyIds: [String!]!
  ids: [String!]
  archived: Boolean
  isTemplate: Boolean
  search: String
  folderId: String
  inProject: Boolean
}

enum ProjectSort {
  id_ASC
  id_DESC
  name_ASC
  name_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
  position_ASC
  position_DESC
}

enum ProjectOrderByInput {
  id_ASC
  id_DESC
  uid_ASC
  uid_DESC
  slug_ASC
  slug_DESC
  name_ASC
  name_DESC
  description_ASC
  description_DESC
  archived_ASC
  archived_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
  isTemplate_ASC
  isTemplate_DESC
  isOfficialTemplate_ASC
  isOfficialTemplate_DESC
  category_ASC
  category_DESC
  hideEmailFromRoles_ASC
  hideEmailFromRoles_DESC
}

input TagListFilter {
  projectIds: [String!]
  excludeArchivedProjects: Boolean
  search: String
  titles: [String!]
  colors: [String!]
  tagIds: [String!]
}

enum TagOrderByInput {
  id_ASC
  id_DESC
  uid_ASC
  uid_DESC
  title_ASC
  title_DESC
  color_ASC
  color_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
}

enum TagListFilterDistinct {
  title
  color
}

input TodoActivityFilter {
  companyId: String!
  projectId: String!
  todoId: String!
  type: TodoActivityFilterType
}

input TodoActivityOrderBy {
  createdAt: OrderBy!
  updatedAt: OrderBy!
}

input WebhookFilter {
  enabled: Boolean
}

type MutationResult {
  success: Boolean!
  operationId: String
}

input CreateWebhookInput {
  name: String
  url: String!
  events: [WebhookEvent!]
  projectIds: [String!]
}

input DeleteWebhookInput {
  webhookId: String!
}

input DisableWebhookInput {
  webhookId: String!
}

input UpdateWebhookInput {
  webhookId: String!
  enabled: Boolean
  name: String
  url: String
  events: [WebhookEvent]
  projectIds: [String]
}

type Activity {
  id: ID!
  uid: String!
  category: ActivityCategory!
  html: String!
  createdAt: DateTime!
  updatedAt: DateTime!
  company: Company
  project: Project
  comment: Comment
  todo: Todo
  todoList: TodoList
  createdBy: User!
  affectedBy: User
  metadata: String
}

type PageInfo {
  totalPages: Int
  totalItems: Int
  page: Int
  perPage: Int
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}

type Comment {
  id: ID!
  uid: String!
  html: String!
  text: String!
  category: CommentCategory!
  createdAt: DateTime!
  updatedAt: DateTime!
  deletedAt: DateTime
  deletedBy: User
  user: User!
  todo: Todo
}

type ChecklistItem {
  id: ID!
  title: String!
  position: Float!
  done: Boolean!
  startedAt: DateTime
  duedAt: DateTime
  createdAt: DateTime!
  updatedAt: DateTime!
  checklist: Checklist!
  createdBy: User!
  users: [User!]!
  uid: String!
}

type CustomField {
  id: ID!
  uid: String!
  name: String!
  type: CustomFieldType!
  position: Float!
  description: String
  min: Float
  max: Float
  latitude: Float
  longitude: Float
  startDate: DateTime
  endDate: DateTime
  timezone: String
  currency: String
  prefix: String
  isDueDate: Boolean
  formula: JSON
  createdAt: DateTime!
  updatedAt: DateTime!
  customFieldOptions(orderBy: CustomFieldOptionOrderByInput, skip: Int, after: String, first: Int): [CustomFieldOption!]
  regionCode: String
  countryCodes: [String!]
  text: String
  number: Float
  checked: Boolean
  selectedOption: CustomFieldOption
  selectedOptions: [CustomFieldOption!]
  value: JSON
  editable: Boolean
  project: Project!
}

enum Locale {
  BN
  HI
  NL
  PL
  SW
  TA
  TH
  NB
  EN
  TL
  TR
  ES
  FR
  DE
  IT
  SE
  VI
  KM
  KO
  ID
  ZH
  CZ
  HU
  RO
  JA
  KA
  LV
  RU
  PT
}

enum UserAccessLevel {
  OWNER
  ADMIN
  MEMBER
  CLIENT
  COMMENT_ONLY
  VIEW_ONLY
}

type Project {
  id: ID!
  uid: String!
  slug: String!
  name: String!
  description: String
  archived: Boolean
  color: String
  icon: String
  company: Company!
  createdAt: DateTime!
  updatedAt: DateTime!
  category: ProjectCategory!
  isTemplate: Boolean!
}

type Tag {
  id: ID!
  uid: String!
  title: String!
  color: String!
  project: Project!
  createdAt: DateTime!
  updatedAt: DateTime!
}

type Checklist {
  id: ID!
  title: String!
  position: Float!
  createdAt: DateTime!
  updatedAt: DateTime!
  todo: Todo!
  checklistItems(orderBy: ChecklistItemOrderByInput, skip: Int, after: String, first: Int): [ChecklistItem!]!
  createdBy: User!
  uid: String!
}

enum ChecklistOrderByInput {
  id_ASC
  id_DESC
  uid_ASC
  uid_DESC
  title_ASC
  title_DESC
  position_ASC
  position_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
}

input TodoCustomFieldFilterInput {
  todoId: String
}

union TodoActivityResult = Comment | TodoAction

enum TodoOrderByInput {
  id_ASC
  id_DESC
  uid_ASC
  uid_DESC
  position_ASC
  position_DESC
  title_ASC
  title_DESC
  startedAt_ASC
  startedAt_DESC
  duedAt_ASC
  duedAt_DESC
  timezone_ASC
  timezone_DESC
  text_ASC
  text_DESC
  html_ASC
  html_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
  archived_ASC
  archived_DESC
  done_ASC
  done_DESC
  projectName_ASC
  projectName_DESC
  todoListTitle_ASC
  todoListTitle_DESC
  createdByFirstName_ASC
  createdByFirstName_DESC
}

type TodoListsPagination {
  items: [TodoList!]!
  pageInfo: PageInfo!
}

input TodoListsFilterInput {
  companyIds: [String!]!
  projectIds: [String!]
  ids: [String!]
  titles: [String!]
  search: String
}

enum TodoListsSort {
  title_ASC
  title_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
  position_ASC
  position_DESC
}

enum TodoListsFilterDistinct {
  title
}

type TodosResult {
  items: [Todo!]!
  pageInfo: PageInfo!
}

input TodosFilter {
  companyIds: [String!]!
  projectIds: [String!]
  todoIds: [String!]
  assigneeIds: [String!]
  tagIds: [String!]
  tagColors: [String!]
  tagTitles: [String!]
  todoListIds: [String!]
  todoListTitles: [String!]
  done: Boolean
  startedAt: DateTime
  duedAt: DateTime
  duedAtStart: DateTime
  duedAtEnd: DateTime
  dueEnd: DateTime
  dueStart: DateTime
  search: String
  excludeArchivedProjects: Boolean
  coordinates: JSON
  fields: JSON
  q: String
  showCompleted: Boolean
  op: FilterLogicalOperator
}

enum WebhookStatusType {
  HEALTHY
  UNHEALTHY
}

enum WebhookEvent {
  TODO_CREATED
  TODO_DELETED
  TODO_MOVED
  TODO_NAME_CHANGED
  TODO_DONE_STATUS_UPDATED
  TODO_DUE_DATE_ADDED
  TODO_DUE_DATE_UPDATED
  TODO_DUE_DATE_REMOVED
  TODO_ASSIGNEE_ADDED
  TODO_ASSIGNEE_REMOVED
  TODO_TAG_ADDED
  TODO_TAG_REMOVED
  TODO_CUSTOM_FIELD_UPDATED
  TODO_CHECKLIST_CREATED
  TODO_CHECKLIST_NAME_CHANGED
  TODO_CHECKLIST_DELETED
  TODO_CHECKLIST_ITEM_CREATED
  TODO_CHECKLIST_ITEM_NAME_CHANGED
  TODO_CHECKLIST_ITEM_DELETED
  TODO_CHECKLIST_ITEM_DUE_DATE_ADDED
  TODO_CHECKLIST_ITEM_DUE_DATE_UPDATED
  TODO_CHECKLIST_ITEM_DUE_DATE_REMOVED
  TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED
  TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED
  TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED
  TODO_LIST_CREATED
  TODO_LIST_DELETED
  TODO_LIST_NAME_CHANGED
  CUSTOM_FIELD_CREATED
  CUSTOM_FIELD_DELETED
  CUSTOM_FIELD_UPDATED
  TAG_CREATED
  TAG_DELETED
  TAG_UPDATED
  COMMENT_CREATED
  COMMENT_DELETED
  COMMENT_UPDATED
}

scalar JSON

enum CustomFieldType {
  CHECKBOX
  CURRENCY
  EMAIL
  LOCATION
  NUMBER
  PERCENT
  PHONE
  RATING
  SELECT_MULTI
  SELECT_SINGLE
  TEXT_MULTI
  TEXT_SINGLE
  UNIQUE_ID
  URL
  FILE
  COUNTRY
  DATE
  FORMULA
  REFERENCE
  LOOKUP
  TIME_DURATION
  BUTTON
  CURRENCY_CONVERSION
}

enum TodoActivityFilterType {
  everything
  activities
  comments
}

enum OrderBy {
  ASC
  DESC
}

type CustomFieldOption {
  id: ID!
  title: String!
  color: String!
  position: Float!
  createdAt: DateTime!
  updatedAt: DateTime!
  uid: String!
}

enum CustomFieldOptionOrderByInput {
  id_ASC
  id_DESC
  uid_ASC
  uid_DESC
  title_ASC
  title_DESC
  color_ASC
  color_DESC
  position_ASC
  position_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
}

enum ProjectCategory {
  CRM
  CROSS_FUNCTIONAL
  CUSTOMER_SUCCESS
  DESIGN
  ENGINEERING
  GENERAL
  HR
  IT
  MARKETING
  OPERATIONS
  PRODUCT
  SALES
}

enum ChecklistItemOrderByInput {
  id_ASC
  id_DESC
  uid_ASC
  uid_DESC
  title_ASC
  title_DESC
  done_ASC
  done_DESC
  position_ASC
  position_DESC
  startedAt_ASC
  startedAt_DESC
  duedAt_ASC
  duedAt_DESC
  createdAt_ASC
  createdAt_DESC
  updatedAt_ASC
  updatedAt_DESC
}

type TodoAction {
  id: ID!
  uid: String!
  type: TodoActionType!
  newValue: String
  oldValue: String
  automated: Boolean
  createdAt: DateTime!
  updatedAt: DateTime!
  deletedAt: DateTime
  affectedBy: User
  customField: CustomField
  todo: Todo!
  user: User
}

enum FilterLogicalOperator {
  AND
  OR
}

enum TodoActionType {
  UPDATE_TITLE
  UPDATE_DESCRIPTION
  ASSIGN_AN_ASSIGNEE
  UNASSIGN_AN_ASSIGNEE
  SET_DUE_DATE
  CHANGE_DUE_DATE
  REMOVE_DUE_DATE
  MARK_AS_COMPLETE
  MARK_AS_INCOMPLETE
  CHANGE_TODO_LIST
  ADD_TAG
  REMOVE_TAG
  UPDATE_TAG
  DELETE_TAG
  REPEAT_TODO
  COPY_TODO
  MOVE_TODO
  CREATE_CHECKLIST
  UPDATE_CHECKLIST
  DELETE_CHECKLIST
  CREATE_CHECKLIST_ITEM
  UPDATE_CHECKLIST_ITEM
  DELETE_CHECKLIST_ITEM
  MARK_CHECKLIST_ITEM_AS_DONE
  MARK_CHECKLIST_ITEM_AS_UNDONE
  SET_CUSTOM_FIELD
  SET_CHECKLIST_ITEM_DUE_DATE
  ASSIGN_CHECKLIST_ITEM
  UNASSIGN_CHECKLIST_ITEM
  CREATE_DEPENDENCY
  DELETE_DEPENDENCY
  UPDATE_DEPENDENCY
  SEND_EMAIL
}
`;

/** The additions in the older pages of the documentation. */
const older = /* GraphQL */ `
extend input TodosFilter {
  updatedAt_gt: DateTime
  updatedAt_gte: DateTime
  createdStart: DateTime
  createdEnd: DateTime
  archived: Boolean
  unassigned: Boolean
}

extend enum TodosSort {
  updatedAt_ASC
  updatedAt_DESC
  completedAt_ASC
  completedAt_DESC
}

extend type Todo {
  completedAt: DateTime
  archivedAt: DateTime
  todoLists: [TodoList!]
}

extend type Comment {
  parentId: String
  parent: Comment
  replies: [Comment!]!
  replyCount: Int!
}

extend enum CustomFieldType {
  ASSIGNEE
  ROLLUP
  REFERENCED_BY
}

extend enum TodoActionType {
  ADD_TO_PROJECT
  REMOVE_FROM_PROJECT
}
`;

/** The additions in the newest pages. */
const newest = /* GraphQL */ `
extend type PageInfo {
  nextCursor: String
}

type RecordQueries {
  todos(filter: TodosFilter!, sort: [TodosSort!] = [], limit: Int = 20, skip: Int = 0, after: String): TodosResult!
}

extend type Query {
  recordQueries: RecordQueries!
  recordList(id: String!): TodoList
  recordLists(projectId: String!): [TodoList!]!
  workspaceList(filter: ProjectListFilter!, sort: [ProjectSort!], skip: Int = 0, take: Int = 20): ProjectPagination!
}
`;

/**
 * Returns the part of the Blue schema that the simulated API serves, in the GraphQL schema language.
 * @throws TypeError if `generation` is not `'A'`, `'B'` or `'C'`
 */
export function blueSchema(generation: Generation): string {
  if (generation === 'A') return published;
  if (generation === 'B') return published + older;
  if (generation === 'C') return published + older + newest;
  throw new TypeError("`generation` must be 'A', 'B' or 'C'.");
}
