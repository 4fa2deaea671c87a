// Generated from src/schemas by tools/compile-schemas.ts.

/** Known values are suggested by the editor, values that Blue adds later stay valid. */
type Open<T extends string> = T | (string & Record<never, never>);

/** A checklist of a record. */
export interface Checklist {
  id: string;
  title?: string | null | undefined;
  position?: number | string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  uid?: string | null | undefined;
  todoId?: string | null | undefined;
  createdById?: string | null | undefined;
  todo?: ListedTodo | null | undefined;
  checklistItems?: ChecklistItemRow[] | null | undefined;
  createdBy?: User | null | undefined;
  [key: string]: unknown;
}

/** An item of a checklist, with the checklist and its people. */
export interface ChecklistItem {
  id: string;
  title?: string | null | undefined;
  position?: number | string | null | undefined;
  done?: boolean | null | undefined;
  startedAt?: string | null | undefined;
  duedAt?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  uid?: string | null | undefined;
  checklistId?: string | null | undefined;
  createdById?: string | null | undefined;
  checklist?: Checklist | null | undefined;
  createdBy?: User | null | undefined;
  users?: User[] | null | undefined;
  checklistItemUsers?: ChecklistItemUser[] | null | undefined;
  [key: string]: unknown;
}

/** A checklist item without its relations, where those would lead back up. */
export interface ChecklistItemRow {
  id: string;
  title?: string | null | undefined;
  position?: number | string | null | undefined;
  done?: boolean | null | undefined;
  startedAt?: string | null | undefined;
  duedAt?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  uid?: string | null | undefined;
  checklistId?: string | null | undefined;
  createdById?: string | null | undefined;
  [key: string]: unknown;
}

/** That somebody is assigned to a checklist item. */
export interface ChecklistItemUser {
  id?: string | null | undefined;
  uid?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  checklistItemId?: string | null | undefined;
  userId?: string | null | undefined;
  checklistItem?: ChecklistItemRow | null | undefined;
  user?: User | null | undefined;
  [key: string]: unknown;
}

/** A comment on a record, a discussion or a status update. */
export interface Comment {
  id: string;
  uid?: string | null | undefined;
  html?: string | null | undefined;
  text?: string | null | undefined;
  category?: CommentCategory | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  deletedAt?: string | null | undefined;
  isRead?: boolean | null | undefined;
  isSeen?: boolean | null | undefined;
  aiSummary?: boolean | null | undefined;
  replyCount?: number | string | null | undefined;
  reactions?: unknown;
  deletedById?: string | null | undefined;
  activityId?: string | null | undefined;
  userId?: string | null | undefined;
  discussionId?: string | null | undefined;
  statusUpdateId?: string | null | undefined;
  todoId?: string | null | undefined;
  parentId?: string | null | undefined;
  parent?: Reference | null | undefined;
  replies?: Reference[] | null | undefined;
  deletedBy?: User | null | undefined;
  activity?: Reference | null | undefined;
  user?: User | null | undefined;
  discussion?: Reference | null | undefined;
  statusUpdate?: Reference | null | undefined;
  todo?: ListedTodo | null | undefined;
  files?: File[] | null | undefined;
  [key: string]: unknown;
}

/** What a comment is about; Blue may add others. */
export type CommentCategory = Open<
  | 'DISCUSSION'
  | 'STATUS_UPDATE'
  | 'TODO'
>;

/** The company that a project belongs to. */
export interface Company {
  id: string;
  uid?: string | null | undefined;
  name?: string | null | undefined;
  slug?: string | null | undefined;
  description?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  allowNotification?: boolean | null | undefined;
  freeTrialStartedAt?: string | null | undefined;
  freeTrialExpiredAt?: string | null | undefined;
  freeTrialExtendedAt?: string | null | undefined;
  subscriptionActive?: boolean | null | undefined;
  subscriptionTrialing?: boolean | null | undefined;
  subscriptionStatus?: string | null | undefined;
  subscribedAt?: string | null | undefined;
  projectsCount?: number | string | null | undefined;
  accessLevel?: UserAccessLevel | null | undefined;
  isLocked?: boolean | null | undefined;
  theme?: unknown;
  whiteLabelSettings?: unknown;
  isEnterprise?: boolean | null | undefined;
  isMapEnabled?: boolean | null | undefined;
  isAIEnabled?: boolean | null | undefined;
  isBanned?: boolean | null | undefined;
  isUpgradableLTD?: boolean | null | undefined;
  imageId?: string | null | undefined;
  ownerId?: string | null | undefined;
  subscriptionPlanId?: string | null | undefined;
  freeTrialExtendedById?: string | null | undefined;
  image?: Reference | null | undefined;
  owner?: User | null | undefined;
  [key: string]: unknown;
}

/** A custom field: its definition, and the value of the record that it came with. */
export interface CustomField {
  id: string;
  name: string;
  uid?: string | null | undefined;
  type?: CustomFieldType | null | undefined;
  position?: number | string | null | undefined;
  buttonType?: string | null | undefined;
  buttonConfirmText?: string | null | undefined;
  currencyFieldId?: string | null | undefined;
  conversionDateType?: string | null | undefined;
  conversionDate?: string | null | undefined;
  description?: string | null | undefined;
  min?: number | string | null | undefined;
  max?: number | string | null | undefined;
  latitude?: number | string | null | undefined;
  longitude?: number | string | null | undefined;
  startDate?: string | null | undefined;
  endDate?: string | null | undefined;
  timezone?: string | null | undefined;
  currency?: string | null | undefined;
  prefix?: string | null | undefined;
  isDueDate?: boolean | null | undefined;
  formula?: unknown;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  regionCode?: string | null | undefined;
  countryCodes?: string[] | null | undefined;
  text?: string | null | undefined;
  number?: number | string | null | undefined;
  checked?: boolean | null | undefined;
  value?: unknown;
  editable?: boolean | null | undefined;
  metadata?: unknown;
  timeDurationDisplay?: string | null | undefined;
  timeDurationTargetTime?: number | string | null | undefined;
  referenceMultiple?: boolean | null | undefined;
  useSequenceUniqueId?: boolean | null | undefined;
  sequenceDigits?: number | string | null | undefined;
  sequenceStartingNumber?: number | string | null | undefined;
  sequenceId?: number | string | null | undefined;
  selectedOptionId?: string | null | undefined;
  todoId?: string | null | undefined;
  projectUserRoleId?: string | null | undefined;
  timeDurationStartId?: string | null | undefined;
  timeDurationEndId?: string | null | undefined;
  referenceProjectId?: string | null | undefined;
  customFieldLookupOptionId?: string | null | undefined;
  projectId?: string | null | undefined;
  activityId?: string | null | undefined;
  customFieldOptions?: CustomFieldOption[] | null | undefined;
  selectedOption?: CustomFieldOption | null | undefined;
  selectedOptions?: CustomFieldOption[] | null | undefined;
  selectedTodos?: TodoRow[] | null | undefined;
  files?: File[] | null | undefined;
  todo?: TodoRow | null | undefined;
  projectUserRole?: Reference | null | undefined;
  timeDurationStart?: Reference | null | undefined;
  timeDurationEnd?: Reference | null | undefined;
  referenceProject?: Project | null | undefined;
  referenceFilter?: unknown;
  customFieldLookupOption?: Reference | null | undefined;
  automations?: Reference[] | null | undefined;
  project?: Project | null | undefined;
  todoCustomFields?: Reference[] | null | undefined;
  activity?: Reference | null | undefined;
  todoActions?: Reference[] | null | undefined;
  formFields?: Reference[] | null | undefined;
  [key: string]: unknown;
}

/** One choice of a custom field. */
export interface CustomFieldOption {
  id: string;
  title?: string | null | undefined;
  buttonType?: string | null | undefined;
  buttonConfirmText?: string | null | undefined;
  color?: string | null | undefined;
  currencyConversionTo?: string | null | undefined;
  currencyConversionFrom?: string | null | undefined;
  position?: number | string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  uid?: string | null | undefined;
  customFieldId?: string | null | undefined;
  todoCustomFieldId?: string | null | undefined;
  customField?: Reference | null | undefined;
  todoCustomField?: Reference | null | undefined;
  todoCustomFieldOptions?: Reference[] | null | undefined;
  [key: string]: unknown;
}

/** The kind of a custom field; Blue may add others. */
export type CustomFieldType = Open<
  | 'CHECKBOX'
  | 'CURRENCY'
  | 'EMAIL'
  | 'LOCATION'
  | 'NUMBER'
  | 'PERCENT'
  | 'PHONE'
  | 'RATING'
  | 'SELECT_MULTI'
  | 'SELECT_SINGLE'
  | 'TEXT_MULTI'
  | 'TEXT_SINGLE'
  | 'UNIQUE_ID'
  | 'URL'
  | 'FILE'
  | 'COUNTRY'
  | 'DATE'
  | 'FORMULA'
  | 'REFERENCE'
  | 'LOOKUP'
  | 'TIME_DURATION'
  | 'BUTTON'
  | 'CURRENCY_CONVERSION'
  | 'ASSIGNEE'
  | 'ROLLUP'
  | 'REFERENCED_BY'
>;

/** A file that somebody has added. */
export interface File {
  id: string;
  uid?: string | null | undefined;
  name?: string | null | undefined;
  size?: number | string | null | undefined;
  type?: string | null | undefined;
  extension?: string | null | undefined;
  shared?: boolean | null | undefined;
  status?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  position?: number | string | null | undefined;
  companyId?: string | null | undefined;
  projectId?: string | null | undefined;
  commentId?: string | null | undefined;
  discussionId?: string | null | undefined;
  statusUpdateId?: string | null | undefined;
  customFieldId?: string | null | undefined;
  folderId?: string | null | undefined;
  documentId?: string | null | undefined;
  todoId?: string | null | undefined;
  userId?: string | null | undefined;
  todoCustomFieldFileId?: string | null | undefined;
  company?: Company | null | undefined;
  project?: Project | null | undefined;
  comment?: Reference | null | undefined;
  discussion?: Reference | null | undefined;
  statusUpdate?: Reference | null | undefined;
  customField?: Reference | null | undefined;
  folder?: Reference | null | undefined;
  document?: Reference | null | undefined;
  todo?: ListedTodo | null | undefined;
  user?: User | null | undefined;
  todoCustomFieldFile?: Reference | null | undefined;
  [key: string]: unknown;
}

/** A row that only joins two others. What is read from the API has no such rows of its own, and so no `id` of theirs. */
export interface JoinRow {
  id?: string | null | undefined;
  [key: string]: unknown;
}

/** A record with the list that holds it, and so with its project and company. */
export interface ListedTodo {
  id: string;
  title: string;
  uid?: string | null | undefined;
  position?: number | string | null | undefined;
  text?: string | null | undefined;
  html?: string | null | undefined;
  startedAt?: string | null | undefined;
  duedAt?: string | null | undefined;
  timezone?: string | null | undefined;
  color?: string | null | undefined;
  commentCount?: number | string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  cover?: string | null | undefined;
  coverLocked?: boolean | null | undefined;
  archived?: boolean | null | undefined;
  done?: boolean | null | undefined;
  checklistCount?: number | string | null | undefined;
  checklistCompletedCount?: number | string | null | undefined;
  isRead?: boolean | null | undefined;
  isSeen?: boolean | null | undefined;
  isRepeating?: boolean | null | undefined;
  repeating?: unknown;
  reminder?: unknown;
  completedAt?: string | null | undefined;
  archivedAt?: string | null | undefined;
  dueDateGranularity?: string | null | undefined;
  lastUpdatedActor?: unknown;
  todoListId?: string | null | undefined;
  createdById?: string | null | undefined;
  timeTrackingId?: string | null | undefined;
  activityId?: string | null | undefined;
  todoList?: TodoList | null | undefined;
  [key: string]: unknown;
}

/** A project, in Blue also called a workspace. */
export interface Project {
  id: string;
  uid?: string | null | undefined;
  slug?: string | null | undefined;
  name?: string | null | undefined;
  description?: string | null | undefined;
  archived?: boolean | null | undefined;
  color?: string | null | undefined;
  icon?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  accessLevel?: UserAccessLevel | null | undefined;
  allowNotification?: boolean | null | undefined;
  position?: number | string | null | undefined;
  unseenActivity?: number | string | null | undefined;
  unseenActivityCount?: number | string | null | undefined;
  todoListsMaxPosition?: number | string | null | undefined;
  lastAccessedAt?: string | null | undefined;
  category?: ProjectCategory | null | undefined;
  isTemplate?: boolean | null | undefined;
  isOfficialTemplate?: boolean | null | undefined;
  automationsCount?: number | string | null | undefined;
  totalFileCount?: number | string | null | undefined;
  totalFileSize?: number | string | null | undefined;
  hideEmailFromRoles?: string[] | null | undefined;
  hideStatusUpdate?: boolean | null | undefined;
  todoAlias?: string | null | undefined;
  hideRecordCount?: boolean | null | undefined;
  showTimeSpentInTodoList?: boolean | null | undefined;
  showTimeSpentInProject?: boolean | null | undefined;
  imageId?: string | null | undefined;
  companyId?: string | null | undefined;
  folderId?: string | null | undefined;
  image?: Reference | null | undefined;
  company?: Company | null | undefined;
  folder?: Reference | null | undefined;
  [key: string]: unknown;
}

/** What a project is for; Blue may add others. */
export type ProjectCategory = Open<
  | 'CRM'
  | 'CROSS_FUNCTIONAL'
  | 'CUSTOMER_SUCCESS'
  | 'DESIGN'
  | 'ENGINEERING'
  | 'GENERAL'
  | 'HR'
  | 'IT'
  | 'MARKETING'
  | 'OPERATIONS'
  | 'PRODUCT'
  | 'SALES'
>;

/** A related row of which only the identity is typed, because Blue does not document it or because it leads back up. */
export interface Reference {
  id: string;
  [key: string]: unknown;
}

/** A tag of a project. */
export interface Tag {
  id: string;
  uid?: string | null | undefined;
  title?: string | null | undefined;
  color?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  projectId?: string | null | undefined;
  todos?: TodoRow[] | null | undefined;
  project?: Project | null | undefined;
  todoTags?: Reference[] | null | undefined;
  formTags?: Reference[] | null | undefined;
  automationTriggerTags?: Reference[] | null | undefined;
  automationActionTags?: Reference[] | null | undefined;
  [key: string]: unknown;
}

/** A record, in Blue also called a todo, with its relations. */
export interface Todo {
  id: string;
  title: string;
  uid?: string | null | undefined;
  position?: number | string | null | undefined;
  text?: string | null | undefined;
  html?: string | null | undefined;
  startedAt?: string | null | undefined;
  duedAt?: string | null | undefined;
  timezone?: string | null | undefined;
  color?: string | null | undefined;
  commentCount?: number | string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  cover?: string | null | undefined;
  coverLocked?: boolean | null | undefined;
  archived?: boolean | null | undefined;
  done?: boolean | null | undefined;
  checklistCount?: number | string | null | undefined;
  checklistCompletedCount?: number | string | null | undefined;
  isRead?: boolean | null | undefined;
  isSeen?: boolean | null | undefined;
  isRepeating?: boolean | null | undefined;
  repeating?: unknown;
  reminder?: unknown;
  completedAt?: string | null | undefined;
  archivedAt?: string | null | undefined;
  dueDateGranularity?: string | null | undefined;
  lastUpdatedActor?: unknown;
  todoListId?: string | null | undefined;
  createdById?: string | null | undefined;
  timeTrackingId?: string | null | undefined;
  activityId?: string | null | undefined;
  todoList?: TodoList | null | undefined;
  users?: User[] | null | undefined;
  comments?: Comment[] | null | undefined;
  createdBy?: User | null | undefined;
  actions?: Reference[] | null | undefined;
  todoTags?: TodoTag[] | null | undefined;
  tags?: Tag[] | null | undefined;
  checklists?: Checklist[] | null | undefined;
  customFields?: CustomField[] | null | undefined;
  dependOn?: TodoRow[] | null | undefined;
  dependBy?: TodoRow[] | null | undefined;
  referencedBy?: TodoRow[] | null | undefined;
  timeTracking?: Reference | null | undefined;
  todoUsers?: TodoUser[] | null | undefined;
  activity?: Reference | null | undefined;
  todoCustomFields?: TodoCustomField[] | null | undefined;
  files?: File[] | null | undefined;
  todoLists?: Reference[] | null | undefined;
  [key: string]: unknown;
}

/** The value of a custom field on one record. */
export interface TodoCustomField {
  id?: string | null | undefined;
  uid?: string | null | undefined;
  number?: number | string | null | undefined;
  text?: string | null | undefined;
  regionCode?: string | null | undefined;
  countryCodes?: string | null | undefined;
  checked?: boolean | null | undefined;
  latitude?: number | string | null | undefined;
  longitude?: number | string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  todoId?: string | null | undefined;
  customFieldId?: string | null | undefined;
  customFieldOptionId?: string | null | undefined;
  todo?: ListedTodo | null | undefined;
  customField?: CustomField | null | undefined;
  customFieldOption?: CustomFieldOption | null | undefined;
  todoCustomFieldOptions?: JoinRow[] | null | undefined;
  todoCustomFieldFiles?: JoinRow[] | null | undefined;
  [key: string]: unknown;
}

/** A list of records. */
export interface TodoList {
  id: string;
  uid?: string | null | undefined;
  position?: number | string | null | undefined;
  title?: string | null | undefined;
  isDisabled?: boolean | null | undefined;
  isLocked?: boolean | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  todosCount?: number | string | null | undefined;
  todosMaxPosition?: number | string | null | undefined;
  completed?: boolean | null | undefined;
  editable?: boolean | null | undefined;
  deletable?: boolean | null | undefined;
  activityId?: string | null | undefined;
  createdById?: string | null | undefined;
  projectId?: string | null | undefined;
  activity?: Reference | null | undefined;
  createdBy?: User | null | undefined;
  project?: Project | null | undefined;
  todos?: TodoRow[] | null | undefined;
  assignees?: User[] | null | undefined;
  tags?: Tag[] | null | undefined;
  automationTriggers?: Reference[] | null | undefined;
  automationActions?: Reference[] | null | undefined;
  forms?: Reference[] | null | undefined;
  [key: string]: unknown;
}

/** A record without its relations, where those would lead back down. */
export interface TodoRow {
  id: string;
  title: string;
  uid?: string | null | undefined;
  position?: number | string | null | undefined;
  text?: string | null | undefined;
  html?: string | null | undefined;
  startedAt?: string | null | undefined;
  duedAt?: string | null | undefined;
  timezone?: string | null | undefined;
  color?: string | null | undefined;
  commentCount?: number | string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  cover?: string | null | undefined;
  coverLocked?: boolean | null | undefined;
  archived?: boolean | null | undefined;
  done?: boolean | null | undefined;
  checklistCount?: number | string | null | undefined;
  checklistCompletedCount?: number | string | null | undefined;
  isRead?: boolean | null | undefined;
  isSeen?: boolean | null | undefined;
  isRepeating?: boolean | null | undefined;
  repeating?: unknown;
  reminder?: unknown;
  completedAt?: string | null | undefined;
  archivedAt?: string | null | undefined;
  dueDateGranularity?: string | null | undefined;
  lastUpdatedActor?: unknown;
  todoListId?: string | null | undefined;
  createdById?: string | null | undefined;
  timeTrackingId?: string | null | undefined;
  activityId?: string | null | undefined;
  [key: string]: unknown;
}

/** That a record has a tag. */
export interface TodoTag {
  id?: string | null | undefined;
  createdAt?: string | null | undefined;
  uid?: string | null | undefined;
  updatedAt?: string | null | undefined;
  todoId?: string | null | undefined;
  tagId?: string | null | undefined;
  todo?: TodoRow | null | undefined;
  tag?: Tag | null | undefined;
  [key: string]: unknown;
}

/** That somebody is assigned to a record. */
export interface TodoUser {
  id?: string | null | undefined;
  uid?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  todoId?: string | null | undefined;
  userId?: string | null | undefined;
  todo?: TodoRow | null | undefined;
  user?: User | null | undefined;
  [key: string]: unknown;
}

/** Somebody who uses Blue. */
export interface User {
  id: string;
  uid?: string | null | undefined;
  username?: string | null | undefined;
  email?: string | null | undefined;
  dateOfBirth?: string | null | undefined;
  birthday?: string | null | undefined;
  phoneNumber?: string | null | undefined;
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  fullName?: string | null | undefined;
  isEmailVerified?: boolean | null | undefined;
  jobTitle?: string | null | undefined;
  locale?: string | null | undefined;
  dateFormat?: string | null | undefined;
  calendarFirstDay?: number | string | null | undefined;
  role?: string | null | undefined;
  lastActiveAt?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
  companyLevel?: UserAccessLevel | null | undefined;
  projectLevel?: UserAccessLevel | null | undefined;
  isOnline?: boolean | null | undefined;
  isWelcomeGuideCompleted?: boolean | null | undefined;
  timezone?: string | null | undefined;
  theme?: unknown;
  imageId?: string | null | undefined;
  image?: Reference | null | undefined;
  [key: string]: unknown;
}

/** What somebody may do; Blue may add others. */
export type UserAccessLevel = Open<
  | 'OWNER'
  | 'ADMIN'
  | 'MEMBER'
  | 'CLIENT'
  | 'COMMENT_ONLY'
  | 'VIEW_ONLY'
>;

/** What a delivery says of the webhook that sent it; never its secret. */
export interface WebhookConfiguration {
  id: string;
  uid?: string | null | undefined;
  name?: string | null | undefined;
  url?: string | null | undefined;
  status?: WebhookStatus | null | undefined;
  enabled?: boolean | null | undefined;
  metadata?: WebhookMetadata | null | undefined;
  createdById?: string | null | undefined;
  createdAt?: string | null | undefined;
  updatedAt?: string | null | undefined;
}

/** Which events the webhook is for, and in which projects. */
export interface WebhookMetadata {
  events?: string[] | null | undefined;
  projectIds?: string[] | null | undefined;
}

/** Whether deliveries get through; Blue may add others. */
export type WebhookStatus = Open<
  | 'HEALTHY'
  | 'UNHEALTHY'
>;
