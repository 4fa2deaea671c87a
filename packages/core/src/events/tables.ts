// Generated from src/schemas by tools/compile-schemas.ts.

// A table lists the fields of an object: `key:type`, `key!:type` if the object is not identified without it. A type is a list of
// letters (s string, n number, b boolean, 0 null, * anything) or the name of a table, with [] for a list of them, and ends in ? if
// it may be null; without one it is s?. An object loses the fields that a `closed` table does not name.

export const entityTables: Readonly<Record<string, string>> = {
  Checklist:
    'id!:s title position:ns? createdAt updatedAt uid todoId createdById todo:ListedTodo? checklistItems:ChecklistItemRow[]? createdBy:User?',
  ChecklistItem:
    'id!:s title position:ns? done:b? startedAt duedAt createdAt updatedAt uid checklistId createdById checklist:Checklist? createdBy:User? users:User[]? checklistItemUsers:ChecklistItemUser[]?',
  ChecklistItemRow:
    'id!:s title position:ns? done:b? startedAt duedAt createdAt updatedAt uid checklistId createdById',
  ChecklistItemUser:
    'id uid createdAt updatedAt checklistItemId userId checklistItem:ChecklistItemRow? user:User?',
  Comment:
    'id!:s uid html text category createdAt updatedAt deletedAt isRead:b? isSeen:b? aiSummary:b? replyCount:ns? reactions:* deletedById activityId userId discussionId statusUpdateId todoId parentId parent:Reference? replies:Reference[]? deletedBy:User? activity:Reference? user:User? discussion:Reference? statusUpdate:Reference? todo:ListedTodo? files:File[]?',
  Company:
    'id!:s uid name slug description createdAt updatedAt allowNotification:b? freeTrialStartedAt freeTrialExpiredAt freeTrialExtendedAt subscriptionActive:b? subscriptionTrialing:b? subscriptionStatus subscribedAt projectsCount:ns? accessLevel isLocked:b? theme:* whiteLabelSettings:* isEnterprise:b? isMapEnabled:b? isAIEnabled:b? isBanned:b? isUpgradableLTD:b? imageId ownerId subscriptionPlanId freeTrialExtendedById image:Reference? owner:User?',
  CustomField:
    'id!:s name!:s uid type position:ns? buttonType buttonConfirmText currencyFieldId conversionDateType conversionDate description min:ns? max:ns? latitude:ns? longitude:ns? startDate endDate timezone currency prefix isDueDate:b? formula:* createdAt updatedAt regionCode countryCodes:s[]? text number:ns? checked:b? value:* editable:b? metadata:* timeDurationDisplay timeDurationTargetTime:ns? referenceMultiple:b? useSequenceUniqueId:b? sequenceDigits:ns? sequenceStartingNumber:ns? sequenceId:ns? selectedOptionId todoId projectUserRoleId timeDurationStartId timeDurationEndId referenceProjectId customFieldLookupOptionId projectId activityId customFieldOptions:CustomFieldOption[]? selectedOption:CustomFieldOption? selectedOptions:CustomFieldOption[]? selectedTodos:TodoRow[]? files:File[]? todo:TodoRow? projectUserRole:Reference? timeDurationStart:Reference? timeDurationEnd:Reference? referenceProject:Project? referenceFilter:* customFieldLookupOption:Reference? automations:Reference[]? project:Project? todoCustomFields:Reference[]? activity:Reference? todoActions:Reference[]? formFields:Reference[]?',
  CustomFieldOption:
    'id!:s title buttonType buttonConfirmText color currencyConversionTo currencyConversionFrom position:ns? createdAt updatedAt uid customFieldId todoCustomFieldId customField:Reference? todoCustomField:Reference? todoCustomFieldOptions:Reference[]?',
  File:
    'id!:s uid name size:ns? type extension shared:b? status createdAt updatedAt position:ns? companyId projectId commentId discussionId statusUpdateId customFieldId folderId documentId todoId userId todoCustomFieldFileId company:Company? project:Project? comment:Reference? discussion:Reference? statusUpdate:Reference? customField:Reference? folder:Reference? document:Reference? todo:ListedTodo? user:User? todoCustomFieldFile:Reference?',
  JoinRow:
    'id',
  ListedTodo:
    'id!:s title!:s uid position:ns? text html startedAt duedAt timezone color commentCount:ns? createdAt updatedAt cover coverLocked:b? archived:b? done:b? checklistCount:ns? checklistCompletedCount:ns? isRead:b? isSeen:b? isRepeating:b? repeating:* reminder:* completedAt archivedAt dueDateGranularity lastUpdatedActor:* todoListId createdById timeTrackingId activityId todoList:TodoList?',
  Project:
    'id!:s uid slug name description archived:b? color icon createdAt updatedAt accessLevel allowNotification:b? position:ns? unseenActivity:ns? unseenActivityCount:ns? todoListsMaxPosition:ns? lastAccessedAt category isTemplate:b? isOfficialTemplate:b? automationsCount:ns? totalFileCount:ns? totalFileSize:ns? hideEmailFromRoles:s[]? hideStatusUpdate:b? todoAlias hideRecordCount:b? showTimeSpentInTodoList:b? showTimeSpentInProject:b? imageId companyId folderId image:Reference? company:Company? folder:Reference?',
  Reference:
    'id!:s',
  Tag:
    'id!:s uid title color createdAt updatedAt projectId todos:TodoRow[]? project:Project? todoTags:Reference[]? formTags:Reference[]? automationTriggerTags:Reference[]? automationActionTags:Reference[]?',
  Todo:
    'id!:s title!:s uid position:ns? text html startedAt duedAt timezone color commentCount:ns? createdAt updatedAt cover coverLocked:b? archived:b? done:b? checklistCount:ns? checklistCompletedCount:ns? isRead:b? isSeen:b? isRepeating:b? repeating:* reminder:* completedAt archivedAt dueDateGranularity lastUpdatedActor:* todoListId createdById timeTrackingId activityId todoList:TodoList? users:User[]? comments:Comment[]? createdBy:User? actions:Reference[]? todoTags:TodoTag[]? tags:Tag[]? checklists:Checklist[]? customFields:CustomField[]? dependOn:TodoRow[]? dependBy:TodoRow[]? referencedBy:TodoRow[]? timeTracking:Reference? todoUsers:TodoUser[]? activity:Reference? todoCustomFields:TodoCustomField[]? files:File[]? todoLists:Reference[]?',
  TodoCustomField:
    'id uid number:ns? text regionCode countryCodes checked:b? latitude:ns? longitude:ns? createdAt updatedAt todoId customFieldId customFieldOptionId todo:ListedTodo? customField:CustomField? customFieldOption:CustomFieldOption? todoCustomFieldOptions:JoinRow[]? todoCustomFieldFiles:JoinRow[]?',
  TodoList:
    'id!:s uid position:ns? title isDisabled:b? isLocked:b? createdAt updatedAt todosCount:ns? todosMaxPosition:ns? completed:b? editable:b? deletable:b? activityId createdById projectId activity:Reference? createdBy:User? project:Project? todos:TodoRow[]? assignees:User[]? tags:Tag[]? automationTriggers:Reference[]? automationActions:Reference[]? forms:Reference[]?',
  TodoRow:
    'id!:s title!:s uid position:ns? text html startedAt duedAt timezone color commentCount:ns? createdAt updatedAt cover coverLocked:b? archived:b? done:b? checklistCount:ns? checklistCompletedCount:ns? isRead:b? isSeen:b? isRepeating:b? repeating:* reminder:* completedAt archivedAt dueDateGranularity lastUpdatedActor:* todoListId createdById timeTrackingId activityId',
  TodoTag:
    'id createdAt uid updatedAt todoId tagId todo:TodoRow? tag:Tag?',
  TodoUser:
    'id uid createdAt updatedAt todoId userId todo:TodoRow? user:User?',
  User:
    'id!:s uid username email dateOfBirth birthday phoneNumber firstName lastName fullName isEmailVerified:b? jobTitle locale dateFormat calendarFirstDay:ns? role lastActiveAt createdAt updatedAt companyLevel projectLevel isOnline:b? isWelcomeGuideCompleted:b? timezone theme:* imageId image:Reference?',
  WebhookConfiguration:
    'closed id!:s uid name url status enabled:b? metadata:WebhookMetadata? createdById createdAt updatedAt',
  WebhookMetadata:
    'closed events:s[]? projectIds:s[]?',
};

export const eventTables: Readonly<Record<string, string>> = {
  TODO_CREATED:
    'event!:s webhook:WebhookConfiguration? previousValue:0 currentValue!:Todo',
  TODO_DELETED:
    'event!:s webhook:WebhookConfiguration? previousValue!:Todo currentValue:0',
  TODO_MOVED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_NAME_CHANGED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_DONE_STATUS_UPDATED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_DUE_DATE_ADDED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_DUE_DATE_UPDATED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_DUE_DATE_REMOVED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_ASSIGNEE_ADDED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_ASSIGNEE_REMOVED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_TAG_ADDED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_TAG_REMOVED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_CUSTOM_FIELD_UPDATED:
    'event!:s webhook:WebhookConfiguration? previousValue:Todo? currentValue!:Todo',
  TODO_CHECKLIST_CREATED:
    'event!:s webhook:WebhookConfiguration? previousValue:0 currentValue!:Checklist',
  TODO_CHECKLIST_NAME_CHANGED:
    'event!:s webhook:WebhookConfiguration? previousValue:Checklist? currentValue!:Checklist',
  TODO_CHECKLIST_DELETED:
    'event!:s webhook:WebhookConfiguration? previousValue!:Checklist currentValue:0',
  TODO_CHECKLIST_ITEM_CREATED:
    'event!:s webhook:WebhookConfiguration? previousValue:0 currentValue!:ChecklistItem',
  TODO_CHECKLIST_ITEM_NAME_CHANGED:
    'event!:s webhook:WebhookConfiguration? previousValue:ChecklistItem? currentValue!:ChecklistItem',
  TODO_CHECKLIST_ITEM_DELETED:
    'event!:s webhook:WebhookConfiguration? previousValue!:ChecklistItem currentValue:0',
  TODO_CHECKLIST_ITEM_DUE_DATE_ADDED:
    'event!:s webhook:WebhookConfiguration? previousValue:ChecklistItem? currentValue!:ChecklistItem',
  TODO_CHECKLIST_ITEM_DUE_DATE_UPDATED:
    'event!:s webhook:WebhookConfiguration? previousValue:ChecklistItem? currentValue!:ChecklistItem',
  TODO_CHECKLIST_ITEM_DUE_DATE_REMOVED:
    'event!:s webhook:WebhookConfiguration? previousValue:ChecklistItem? currentValue!:ChecklistItem',
  TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED:
    'event!:s webhook:WebhookConfiguration? previousValue:ChecklistItem? currentValue!:ChecklistItem',
  TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED:
    'event!:s webhook:WebhookConfiguration? previousValue:ChecklistItem? currentValue!:ChecklistItem',
  TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED:
    'event!:s webhook:WebhookConfiguration? previousValue:ChecklistItem? currentValue!:ChecklistItem',
  TODO_LIST_CREATED:
    'event!:s webhook:WebhookConfiguration? previousValue:0 currentValue!:TodoList',
  TODO_LIST_DELETED:
    'event!:s webhook:WebhookConfiguration? previousValue!:TodoList currentValue:0',
  TODO_LIST_NAME_CHANGED:
    'event!:s webhook:WebhookConfiguration? previousValue:TodoList? currentValue!:TodoList',
  CUSTOM_FIELD_CREATED:
    'event!:s webhook:WebhookConfiguration? previousValue:0 currentValue!:CustomField',
  CUSTOM_FIELD_DELETED:
    'event!:s webhook:WebhookConfiguration? projectId timestamp previousValue!:CustomField currentValue:0',
  CUSTOM_FIELD_UPDATED:
    'event!:s webhook:WebhookConfiguration? previousValue:CustomField? currentValue!:CustomField',
  TAG_CREATED:
    'event!:s webhook:WebhookConfiguration? previousValue:0 currentValue!:Tag',
  TAG_DELETED:
    'event!:s webhook:WebhookConfiguration? previousValue!:Tag currentValue:0',
  TAG_UPDATED:
    'event!:s webhook:WebhookConfiguration? previousValue:Tag? currentValue!:Tag',
  COMMENT_CREATED:
    'event!:s webhook:WebhookConfiguration? previousValue:0 currentValue!:Comment',
  COMMENT_DELETED:
    'event!:s webhook:WebhookConfiguration? previousValue!:Comment currentValue:0',
  COMMENT_UPDATED:
    'event!:s webhook:WebhookConfiguration? previousValue:Comment? currentValue!:Comment',
  RECORD_CREATED:
    'event!:s webhook:WebhookConfiguration? record!:Todo company:Company? project:Project? user:User? previousValue:0 currentValue:0',
  WEBHOOK_HEALTH_CHECK:
    'event!:s webhook:WebhookConfiguration? previousValue:0 currentValue:0',
};
