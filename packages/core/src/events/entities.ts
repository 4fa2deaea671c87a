import * as z from 'zod/mini';

// What a delivery carries are database rows with related rows expanded, so almost nothing can be relied on: every field
// but the identity may be absent or null, and fields that nobody documented stay. Source: Blue's GraphQL schema and the
// deliveries that Blue has published.

type Schema = z.ZodMiniType;

const nullish = <T extends Schema>(schema: T) => z.optional(z.nullable(schema));
const id = z.string();
const text = nullish(z.string());
const flag = nullish(z.boolean());
/** A decimal column travels as a string, a float column as a number: both, so that no digit is lost. */
const numeric = nullish(z.union([z.number(), z.string()]));
/** ISO 8601, such as `2022-12-01T11:23:09.241Z`. */
const time = text;
const json = z.optional(z.unknown());
const texts = nullish(z.array(z.string()));
const one = <T extends Schema>(schema: T) => nullish(schema);
const many = <T extends Schema>(schema: T) => nullish(z.array(schema));

/** Gives a schema's type its name: short declarations, readable hovers. */
const named = <T>(schema: z.ZodMiniType<T>): z.ZodMiniType<T> => schema;

/** Known values are suggested by the editor, values that Blue adds later stay valid: enums grow. */
type Open<T extends string> = T | (string & Record<never, never>);
const open = <T extends string>() => nullish(z.string() as unknown as z.ZodMiniType<Open<T>>);

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
>;
/** What a comment is about; Blue may add others. */
export type CommentCategory = Open<'DISCUSSION' | 'STATUS_UPDATE' | 'TODO'>;
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
/** What somebody may do; Blue may add others. */
export type UserAccessLevel = Open<'OWNER' | 'ADMIN' | 'MEMBER' | 'CLIENT' | 'COMMENT_ONLY' | 'VIEW_ONLY'>;
/** Whether deliveries get through; Blue may add others. */
export type WebhookStatus = Open<'HEALTHY' | 'UNHEALTHY'>;

/** A related row of which only the identity is typed, because Blue does not document it or because it leads back up. */
const referenceColumns = z.looseObject({ id });
export interface Reference extends z.infer<typeof referenceColumns> {}
const reference = named<Reference>(referenceColumns);
/** A row that only joins two others. What is read from the API has no such rows of its own, and so no `id` of theirs. */
const joinRow = z.looseObject({ id: text });

const userColumns = z.looseObject({
  id,
  uid: text, username: text, email: text, dateOfBirth: time, birthday: time, phoneNumber: text, firstName: text,
  lastName: text, fullName: text, isEmailVerified: flag, jobTitle: text, locale: text, dateFormat: text,
  calendarFirstDay: numeric, role: text, lastActiveAt: time, createdAt: time, updatedAt: time,
  companyLevel: open<UserAccessLevel>(), projectLevel: open<UserAccessLevel>(), isOnline: flag,
  isWelcomeGuideCompleted: flag, timezone: text, theme: json,
  imageId: text,
  image: one(reference),
});
/** Somebody who uses Blue. */
export interface User extends z.infer<typeof userColumns> {}
export const user = named<User>(userColumns);

const companyColumns = z.looseObject({
  id,
  uid: text, name: text, slug: text, description: text, createdAt: time, updatedAt: time, allowNotification: flag,
  freeTrialStartedAt: time, freeTrialExpiredAt: time, freeTrialExtendedAt: time, subscriptionActive: flag,
  subscriptionTrialing: flag, subscriptionStatus: text, subscribedAt: time, projectsCount: numeric,
  accessLevel: open<UserAccessLevel>(), isLocked: flag, theme: json, whiteLabelSettings: json, isEnterprise: flag,
  isMapEnabled: flag, isAIEnabled: flag, isBanned: flag, isUpgradableLTD: flag,
  imageId: text, ownerId: text, subscriptionPlanId: text, freeTrialExtendedById: text,
  image: one(reference), owner: one(user),
});
/** The company that a project belongs to. */
export interface Company extends z.infer<typeof companyColumns> {}
export const company = named<Company>(companyColumns);

const projectColumns = z.looseObject({
  id,
  uid: text, slug: text, name: text, description: text, archived: flag, color: text, icon: text, createdAt: time,
  updatedAt: time, accessLevel: open<UserAccessLevel>(), allowNotification: flag, position: numeric,
  unseenActivity: numeric, unseenActivityCount: numeric, todoListsMaxPosition: numeric, lastAccessedAt: time,
  category: open<ProjectCategory>(), isTemplate: flag, isOfficialTemplate: flag, automationsCount: numeric,
  totalFileCount: numeric, totalFileSize: numeric, hideEmailFromRoles: texts, hideStatusUpdate: flag,
  todoAlias: text, hideRecordCount: flag, showTimeSpentInTodoList: flag, showTimeSpentInProject: flag,
  imageId: text, companyId: text, folderId: text,
  image: one(reference), company: one(company), folder: one(reference),
});
/** A project, in Blue also called a workspace. */
export interface Project extends z.infer<typeof projectColumns> {}
export const project = named<Project>(projectColumns);

/** A record without its relations, where those would lead back down. */
const todoColumns = z.looseObject({
  id,
  title: z.string(),
  uid: text, position: numeric, text: text, html: text, startedAt: time, duedAt: time, timezone: text, color: text,
  commentCount: numeric, createdAt: time, updatedAt: time, cover: text, coverLocked: flag, archived: flag,
  done: flag, checklistCount: numeric, checklistCompletedCount: numeric, isRead: flag, isSeen: flag,
  isRepeating: flag, repeating: json, reminder: json,
  todoListId: text, createdById: text, timeTrackingId: text, activityId: text,
});
export interface TodoRow extends z.infer<typeof todoColumns> {}
const todoRow = named<TodoRow>(todoColumns);

const tagColumns = z.looseObject({
  id,
  uid: text, title: text, color: text, createdAt: time, updatedAt: time,
  projectId: text,
  todos: many(todoRow), project: one(project), todoTags: many(reference), formTags: many(reference),
  automationTriggerTags: many(reference), automationActionTags: many(reference),
});
/** A tag of a project. */
export interface Tag extends z.infer<typeof tagColumns> {}
export const tag = named<Tag>(tagColumns);

const todoListColumns = z.looseObject({
  id,
  uid: text, position: numeric, title: text, isDisabled: flag, isLocked: flag, createdAt: time, updatedAt: time,
  todosCount: numeric, todosMaxPosition: numeric, completed: flag, editable: flag, deletable: flag,
  activityId: text, createdById: text, projectId: text,
  activity: one(reference), createdBy: one(user), project: one(project), todos: many(todoRow), assignees: many(user),
  tags: many(tag), automationTriggers: many(reference), automationActions: many(reference), forms: many(reference),
});
/** A list of records. */
export interface TodoList extends z.infer<typeof todoListColumns> {}
export const todoList = named<TodoList>(todoListColumns);

/** A record with the list that holds it, and so with its project and company. */
const listedTodoColumns = z.extend(todoColumns, { todoList: one(todoList) });
export interface ListedTodo extends z.infer<typeof listedTodoColumns> {}
const listedTodo = named<ListedTodo>(listedTodoColumns);

const todoTagColumns = z.looseObject({
  id: text,
  createdAt: time, uid: text, updatedAt: time,
  todoId: text, tagId: text,
  todo: one(todoRow), tag: one(tag),
});
/** That a record has a tag. */
export interface TodoTag extends z.infer<typeof todoTagColumns> {}
const todoTag = named<TodoTag>(todoTagColumns);

const todoUserColumns = z.looseObject({
  id: text,
  uid: text, createdAt: time, updatedAt: time,
  todoId: text, userId: text,
  todo: one(todoRow), user: one(user),
});
/** That somebody is assigned to a record. */
export interface TodoUser extends z.infer<typeof todoUserColumns> {}
const todoUser = named<TodoUser>(todoUserColumns);

const customFieldOptionColumns = z.looseObject({
  id,
  title: text, buttonType: text, buttonConfirmText: text, color: text, currencyConversionTo: text,
  currencyConversionFrom: text, position: numeric, createdAt: time, updatedAt: time, uid: text,
  customFieldId: text, todoCustomFieldId: text,
  customField: one(reference), todoCustomField: one(reference), todoCustomFieldOptions: many(reference),
});
/** One choice of a custom field. */
export interface CustomFieldOption extends z.infer<typeof customFieldOptionColumns> {}
const customFieldOption = named<CustomFieldOption>(customFieldOptionColumns);

const fileColumns = z.looseObject({
  id,
  uid: text, name: text, size: numeric, type: text, extension: text, shared: flag, status: text, createdAt: time,
  updatedAt: time, position: numeric,
  companyId: text, projectId: text, commentId: text, discussionId: text, statusUpdateId: text, customFieldId: text,
  folderId: text, documentId: text, todoId: text, userId: text, todoCustomFieldFileId: text,
  company: one(company), project: one(project), comment: one(reference), discussion: one(reference),
  statusUpdate: one(reference), customField: one(reference), folder: one(reference), document: one(reference),
  todo: one(listedTodo), user: one(user), todoCustomFieldFile: one(reference),
});
/** A file that somebody has added. */
export interface File extends z.infer<typeof fileColumns> {}
const file = named<File>(fileColumns);

const customFieldColumns = z.looseObject({
  id,
  name: z.string(),
  uid: text, type: open<CustomFieldType>(), position: numeric, buttonType: text, buttonConfirmText: text,
  currencyFieldId: text,
  conversionDateType: text, conversionDate: text, description: text, min: numeric, max: numeric, latitude: numeric,
  longitude: numeric, startDate: time, endDate: time, timezone: text, currency: text, prefix: text, isDueDate: flag,
  formula: json, createdAt: time, updatedAt: time, regionCode: text, countryCodes: texts, text: text,
  number: numeric, checked: flag, value: json, editable: flag, metadata: json, timeDurationDisplay: text,
  timeDurationTargetTime: numeric, referenceMultiple: flag, useSequenceUniqueId: flag, sequenceDigits: numeric,
  sequenceStartingNumber: numeric, sequenceId: numeric,
  selectedOptionId: text, todoId: text, projectUserRoleId: text, timeDurationStartId: text, timeDurationEndId: text,
  referenceProjectId: text, customFieldLookupOptionId: text, projectId: text, activityId: text,
  customFieldOptions: many(customFieldOption), selectedOption: one(customFieldOption),
  selectedOptions: many(customFieldOption), selectedTodos: many(todoRow), files: many(file), todo: one(todoRow),
  projectUserRole: one(reference), timeDurationStart: one(reference), timeDurationEnd: one(reference),
  referenceProject: one(project),
  referenceFilter: json,
  customFieldLookupOption: one(reference), automations: many(reference), project: one(project),
  todoCustomFields: many(reference), activity: one(reference), todoActions: many(reference),
  formFields: many(reference),
});
/** A custom field: its definition, and the value of the record that it came with. */
export interface CustomField extends z.infer<typeof customFieldColumns> {}
export const customField = named<CustomField>(customFieldColumns);

const todoCustomFieldColumns = z.looseObject({
  id: text,
  uid: text, number: numeric, text: text, regionCode: text, countryCodes: text, checked: flag, latitude: numeric,
  longitude: numeric, createdAt: time, updatedAt: time,
  todoId: text, customFieldId: text, customFieldOptionId: text,
  todo: one(listedTodo), customField: one(customField), customFieldOption: one(customFieldOption),
  todoCustomFieldOptions: many(joinRow), todoCustomFieldFiles: many(joinRow),
});
/** The value of a custom field on one record. */
export interface TodoCustomField extends z.infer<typeof todoCustomFieldColumns> {}
const todoCustomField = named<TodoCustomField>(todoCustomFieldColumns);

/** A checklist item without its relations, where those would lead back up. */
const checklistItemColumns = z.looseObject({
  id,
  title: text, position: numeric, done: flag, startedAt: time, duedAt: time, createdAt: time, updatedAt: time,
  uid: text,
  checklistId: text, createdById: text,
});
export interface ChecklistItemRow extends z.infer<typeof checklistItemColumns> {}
const checklistItemRow = named<ChecklistItemRow>(checklistItemColumns);

const commentColumns = z.looseObject({
  id,
  uid: text, html: text, text: text, category: open<CommentCategory>(), createdAt: time, updatedAt: time,
  deletedAt: time, isRead: flag, isSeen: flag, aiSummary: flag,
  deletedById: text, activityId: text, userId: text, discussionId: text, statusUpdateId: text, todoId: text,
  deletedBy: one(user), activity: one(reference), user: one(user), discussion: one(reference),
  statusUpdate: one(reference), todo: one(listedTodo), files: many(file),
});
/** A comment on a record, a discussion or a status update. */
export interface Comment extends z.infer<typeof commentColumns> {}
export const comment = named<Comment>(commentColumns);

const checklistColumns = z.looseObject({
  id,
  title: text, position: numeric, createdAt: time, updatedAt: time, uid: text,
  todoId: text, createdById: text,
  todo: one(listedTodo), checklistItems: many(checklistItemRow), createdBy: one(user),
});
/** A checklist of a record. */
export interface Checklist extends z.infer<typeof checklistColumns> {}
export const checklist = named<Checklist>(checklistColumns);

const fullTodoColumns = z.extend(listedTodoColumns, {
  users: many(user), comments: many(comment), createdBy: one(user), actions: many(reference),
  todoTags: many(todoTag), tags: many(tag), checklists: many(checklist), customFields: many(customField),
  dependOn: many(todoRow), dependBy: many(todoRow), referencedBy: many(todoRow), timeTracking: one(reference),
  todoUsers: many(todoUser), activity: one(reference), todoCustomFields: many(todoCustomField), files: many(file),
});
/** A record, in Blue also called a todo, with its relations. */
export interface Todo extends z.infer<typeof fullTodoColumns> {}
export const todo = named<Todo>(fullTodoColumns);

const checklistItemUserColumns = z.looseObject({
  id: text,
  uid: text, createdAt: time, updatedAt: time,
  checklistItemId: text, userId: text,
  checklistItem: one(checklistItemRow), user: one(user),
});
/** That somebody is assigned to a checklist item. */
export interface ChecklistItemUser extends z.infer<typeof checklistItemUserColumns> {}
const checklistItemUser = named<ChecklistItemUser>(checklistItemUserColumns);

const fullChecklistItemColumns = z.extend(checklistItemColumns, {
  checklist: one(checklist), createdBy: one(user), users: many(user), checklistItemUsers: many(checklistItemUser),
});
/** An item of a checklist, with the checklist and its people. */
export interface ChecklistItem extends z.infer<typeof fullChecklistItemColumns> {}
export const checklistItem = named<ChecklistItem>(fullChecklistItemColumns);

/** The webhook's own configuration. Closed: unknown fields, and with them any `secret`, do not pass. */
const webhookColumns = z.object({
  id,
  uid: text, name: text, url: text, status: open<WebhookStatus>(), enabled: flag,
  metadata: nullish(z.object({ events: texts, projectIds: texts })),
  createdById: text,
  createdAt: time, updatedAt: time,
});
/** What a delivery says of the webhook that sent it; never its secret. */
export interface WebhookConfiguration extends z.infer<typeof webhookColumns> {}
export const webhook = named<WebhookConfiguration>(webhookColumns);
