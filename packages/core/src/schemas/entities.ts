import * as z from 'zod/mini';
import type * as rows from '../events/entities';

// What a delivery carries are database rows with related rows expanded, so almost nothing can be relied on: every field
// but the identity may be absent or null, and fields that nobody documented stay. Source: Blue's GraphQL schema and the
// deliveries that Blue has published.

type Schema = z.ZodMiniType;

/** What a schema is called, the doc comment of its type, and the known values of an enumeration. */
interface Naming {
  readonly id: string;
  readonly description: string;
  readonly values?: readonly string[];
}

/** The named schemas, from which the types, the tables and the JSON Schemas are generated. */
export const names = z.registry<Naming>();

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

/** Names a schema, and ties it to the type that is generated from it. */
const named = <T>(id: string, description: string, schema: z.ZodMiniType<T>): z.ZodMiniType<T> =>
  schema.register(names, { id, description });

/** Values that the editor suggests, where values that Blue adds later stay valid: enumerations grow. */
const open = <T extends string>(id: string, description: string, values: readonly T[]) =>
  nullish(z.string().register(names, { id, description, values }) as unknown as z.ZodMiniType<T>);

const customFieldType = open<rows.CustomFieldType>('CustomFieldType', 'The kind of a custom field; Blue may add others.', [
  'CHECKBOX', 'CURRENCY', 'EMAIL', 'LOCATION', 'NUMBER', 'PERCENT', 'PHONE', 'RATING', 'SELECT_MULTI',
  'SELECT_SINGLE', 'TEXT_MULTI', 'TEXT_SINGLE', 'UNIQUE_ID', 'URL', 'FILE', 'COUNTRY', 'DATE', 'FORMULA',
  'REFERENCE', 'LOOKUP', 'TIME_DURATION', 'BUTTON', 'CURRENCY_CONVERSION', 'ASSIGNEE', 'ROLLUP', 'REFERENCED_BY',
]);
const commentCategory = open<rows.CommentCategory>('CommentCategory', 'What a comment is about; Blue may add others.', [
  'DISCUSSION', 'STATUS_UPDATE', 'TODO',
]);
const projectCategory = open<rows.ProjectCategory>('ProjectCategory', 'What a project is for; Blue may add others.', [
  'CRM', 'CROSS_FUNCTIONAL', 'CUSTOMER_SUCCESS', 'DESIGN', 'ENGINEERING', 'GENERAL', 'HR', 'IT', 'MARKETING',
  'OPERATIONS', 'PRODUCT', 'SALES',
]);
const userAccessLevel = open<rows.UserAccessLevel>('UserAccessLevel', 'What somebody may do; Blue may add others.', [
  'OWNER', 'ADMIN', 'MEMBER', 'CLIENT', 'COMMENT_ONLY', 'VIEW_ONLY',
]);
const webhookStatus = open<rows.WebhookStatus>('WebhookStatus', 'Whether deliveries get through; Blue may add others.', [
  'HEALTHY', 'UNHEALTHY',
]);

const reference = named<rows.Reference>(
  'Reference',
  'A related row of which only the identity is typed, because Blue does not document it or because it leads back up.',
  z.looseObject({ id }),
);
const joinRow = named<rows.JoinRow>(
  'JoinRow',
  'A row that only joins two others. What is read from the API has no such rows of its own, and so no `id` of theirs.',
  z.looseObject({ id: text }),
);

const userColumns = z.looseObject({
  id,
  uid: text, username: text, email: text, dateOfBirth: time, birthday: time, phoneNumber: text, firstName: text,
  lastName: text, fullName: text, isEmailVerified: flag, jobTitle: text, locale: text, dateFormat: text,
  calendarFirstDay: numeric, role: text, lastActiveAt: time, createdAt: time, updatedAt: time,
  companyLevel: userAccessLevel, projectLevel: userAccessLevel, isOnline: flag,
  isWelcomeGuideCompleted: flag, timezone: text, theme: json,
  imageId: text,
  image: one(reference),
});
/** The schema of `User`. */
export const user = named<rows.User>('User', 'Somebody who uses Blue.', userColumns);

const companyColumns = z.looseObject({
  id,
  uid: text, name: text, slug: text, description: text, createdAt: time, updatedAt: time, allowNotification: flag,
  freeTrialStartedAt: time, freeTrialExpiredAt: time, freeTrialExtendedAt: time, subscriptionActive: flag,
  subscriptionTrialing: flag, subscriptionStatus: text, subscribedAt: time, projectsCount: numeric,
  accessLevel: userAccessLevel, isLocked: flag, theme: json, whiteLabelSettings: json, isEnterprise: flag,
  isMapEnabled: flag, isAIEnabled: flag, isBanned: flag, isUpgradableLTD: flag,
  imageId: text, ownerId: text, subscriptionPlanId: text, freeTrialExtendedById: text,
  image: one(reference), owner: one(user),
});
/** The schema of `Company`. */
export const company = named<rows.Company>('Company', 'The company that a project belongs to.', companyColumns);

const projectColumns = z.looseObject({
  id,
  uid: text, slug: text, name: text, description: text, archived: flag, color: text, icon: text, createdAt: time,
  updatedAt: time, accessLevel: userAccessLevel, allowNotification: flag, position: numeric,
  unseenActivity: numeric, unseenActivityCount: numeric, todoListsMaxPosition: numeric, lastAccessedAt: time,
  category: projectCategory, isTemplate: flag, isOfficialTemplate: flag, automationsCount: numeric,
  totalFileCount: numeric, totalFileSize: numeric, hideEmailFromRoles: texts, hideStatusUpdate: flag,
  todoAlias: text, hideRecordCount: flag, showTimeSpentInTodoList: flag, showTimeSpentInProject: flag,
  imageId: text, companyId: text, folderId: text,
  image: one(reference), company: one(company), folder: one(reference),
});
/** The schema of `Project`. */
export const project = named<rows.Project>('Project', 'A project, in Blue also called a workspace.', projectColumns);

const todoColumns = z.looseObject({
  id,
  title: z.string(),
  uid: text, position: numeric, text: text, html: text, startedAt: time, duedAt: time, timezone: text, color: text,
  commentCount: numeric, createdAt: time, updatedAt: time, cover: text, coverLocked: flag, archived: flag,
  done: flag, checklistCount: numeric, checklistCompletedCount: numeric, isRead: flag, isSeen: flag,
  isRepeating: flag, repeating: json, reminder: json, completedAt: time, archivedAt: time, dueDateGranularity: text,
  lastUpdatedActor: json,
  todoListId: text, createdById: text, timeTrackingId: text, activityId: text,
});
const todoRow = named<rows.TodoRow>(
  'TodoRow',
  'A record without its relations, where those would lead back down.',
  todoColumns,
);

const tagColumns = z.looseObject({
  id,
  uid: text, title: text, color: text, createdAt: time, updatedAt: time,
  projectId: text,
  todos: many(todoRow), project: one(project), todoTags: many(reference), formTags: many(reference),
  automationTriggerTags: many(reference), automationActionTags: many(reference),
});
/** The schema of `Tag`. */
export const tag = named<rows.Tag>('Tag', 'A tag of a project.', tagColumns);

const todoListColumns = z.looseObject({
  id,
  uid: text, position: numeric, title: text, isDisabled: flag, isLocked: flag, createdAt: time, updatedAt: time,
  todosCount: numeric, todosMaxPosition: numeric, completed: flag, editable: flag, deletable: flag,
  activityId: text, createdById: text, projectId: text,
  activity: one(reference), createdBy: one(user), project: one(project), todos: many(todoRow), assignees: many(user),
  tags: many(tag), automationTriggers: many(reference), automationActions: many(reference), forms: many(reference),
});
/** The schema of `TodoList`, a list of records. */
export const todoList = named<rows.TodoList>('TodoList', 'A list of records.', todoListColumns);

const listedTodoColumns = z.extend(todoColumns, { todoList: one(todoList) });
const listedTodo = named<rows.ListedTodo>(
  'ListedTodo',
  'A record with the list that holds it, and so with its project and company.',
  listedTodoColumns,
);

const todoTagColumns = z.looseObject({
  id: text,
  createdAt: time, uid: text, updatedAt: time,
  todoId: text, tagId: text,
  todo: one(todoRow), tag: one(tag),
});
const todoTag = named<rows.TodoTag>('TodoTag', 'That a record has a tag.', todoTagColumns);

const todoUserColumns = z.looseObject({
  id: text,
  uid: text, createdAt: time, updatedAt: time,
  todoId: text, userId: text,
  todo: one(todoRow), user: one(user),
});
const todoUser = named<rows.TodoUser>('TodoUser', 'That somebody is assigned to a record.', todoUserColumns);

const customFieldOptionColumns = z.looseObject({
  id,
  title: text, buttonType: text, buttonConfirmText: text, color: text, currencyConversionTo: text,
  currencyConversionFrom: text, position: numeric, createdAt: time, updatedAt: time, uid: text,
  customFieldId: text, todoCustomFieldId: text,
  customField: one(reference), todoCustomField: one(reference), todoCustomFieldOptions: many(reference),
});
const customFieldOption = named<rows.CustomFieldOption>(
  'CustomFieldOption',
  'One choice of a custom field.',
  customFieldOptionColumns,
);

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
const file = named<rows.File>('File', 'A file that somebody has added.', fileColumns);

const customFieldColumns = z.looseObject({
  id,
  name: z.string(),
  uid: text, type: customFieldType, position: numeric, buttonType: text, buttonConfirmText: text,
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
/** The schema of `CustomField`. */
export const customField = named<rows.CustomField>(
  'CustomField',
  'A custom field: its definition, and the value of the record that it came with.',
  customFieldColumns,
);

const todoCustomFieldColumns = z.looseObject({
  id: text,
  uid: text, number: numeric, text: text, regionCode: text, countryCodes: text, checked: flag, latitude: numeric,
  longitude: numeric, createdAt: time, updatedAt: time,
  todoId: text, customFieldId: text, customFieldOptionId: text,
  todo: one(listedTodo), customField: one(customField), customFieldOption: one(customFieldOption),
  todoCustomFieldOptions: many(joinRow), todoCustomFieldFiles: many(joinRow),
});
const todoCustomField = named<rows.TodoCustomField>(
  'TodoCustomField',
  'The value of a custom field on one record.',
  todoCustomFieldColumns,
);

const checklistItemColumns = z.looseObject({
  id,
  title: text, position: numeric, done: flag, startedAt: time, duedAt: time, createdAt: time, updatedAt: time,
  uid: text,
  checklistId: text, createdById: text,
});
const checklistItemRow = named<rows.ChecklistItemRow>(
  'ChecklistItemRow',
  'A checklist item without its relations, where those would lead back up.',
  checklistItemColumns,
);

const commentColumns = z.looseObject({
  id,
  uid: text, html: text, text: text, category: commentCategory, createdAt: time, updatedAt: time,
  deletedAt: time, isRead: flag, isSeen: flag, aiSummary: flag, replyCount: numeric, reactions: json,
  deletedById: text, activityId: text, userId: text, discussionId: text, statusUpdateId: text, todoId: text,
  parentId: text, parent: one(reference), replies: many(reference),
  deletedBy: one(user), activity: one(reference), user: one(user), discussion: one(reference),
  statusUpdate: one(reference), todo: one(listedTodo), files: many(file),
});
/** The schema of `Comment`. */
export const comment = named<rows.Comment>(
  'Comment',
  'A comment on a record, a discussion or a status update.',
  commentColumns,
);

const checklistColumns = z.looseObject({
  id,
  title: text, position: numeric, createdAt: time, updatedAt: time, uid: text,
  todoId: text, createdById: text,
  todo: one(listedTodo), checklistItems: many(checklistItemRow), createdBy: one(user),
});
/** The schema of `Checklist`. */
export const checklist = named<rows.Checklist>('Checklist', 'A checklist of a record.', checklistColumns);

const fullTodoColumns = z.extend(listedTodoColumns, {
  users: many(user), comments: many(comment), createdBy: one(user), actions: many(reference),
  todoTags: many(todoTag), tags: many(tag), checklists: many(checklist), customFields: many(customField),
  dependOn: many(todoRow), dependBy: many(todoRow), referencedBy: many(todoRow), timeTracking: one(reference),
  todoUsers: many(todoUser), activity: one(reference), todoCustomFields: many(todoCustomField), files: many(file),
  todoLists: many(reference),
});
/** The schema of `Todo`, a record. */
export const todo = named<rows.Todo>(
  'Todo',
  'A record, in Blue also called a todo, with its relations.',
  fullTodoColumns,
);

const checklistItemUserColumns = z.looseObject({
  id: text,
  uid: text, createdAt: time, updatedAt: time,
  checklistItemId: text, userId: text,
  checklistItem: one(checklistItemRow), user: one(user),
});
const checklistItemUser = named<rows.ChecklistItemUser>(
  'ChecklistItemUser',
  'That somebody is assigned to a checklist item.',
  checklistItemUserColumns,
);

const fullChecklistItemColumns = z.extend(checklistItemColumns, {
  checklist: one(checklist), createdBy: one(user), users: many(user), checklistItemUsers: many(checklistItemUser),
});
/** The schema of `ChecklistItem`. */
export const checklistItem = named<rows.ChecklistItem>(
  'ChecklistItem',
  'An item of a checklist, with the checklist and its people.',
  fullChecklistItemColumns,
);

// Closed: unknown fields, and with them any `secret`, do not pass.
const metadata = named<rows.WebhookMetadata>(
  'WebhookMetadata',
  'Which events the webhook is for, and in which projects.',
  z.object({ events: texts, projectIds: texts }),
);
const webhookColumns = z.object({
  id,
  uid: text, name: text, url: text, status: webhookStatus, enabled: flag,
  metadata: one(metadata),
  createdById: text,
  createdAt: time, updatedAt: time,
});
/** The schema of `WebhookConfiguration`. */
export const webhook = named<rows.WebhookConfiguration>(
  'WebhookConfiguration',
  'What a delivery says of the webhook that sent it; never its secret.',
  webhookColumns,
);
