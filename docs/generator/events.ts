import { type EventFamily, eventNames } from '@blue-webhooks/core';
import { fixtures, type ScenarioStep, scenario } from '@blue-webhooks/testing';

type Name = (typeof eventNames)[EventFamily][number];

const families: Record<EventFamily, { title: string; file: string; entity: string; intro: string }> = {
  record: {
    title: 'Records',
    file: 'record',
    entity: 'Todo',
    intro:
      'A record is a `Todo` in the API: a row with its list and workspace, and the join rows of its assignees (`todoUsers`), tags (`todoTags`) and custom field values (`todoCustomFields`).',
  },
  checklist: {
    title: 'Checklists',
    file: 'checklist',
    entity: 'Checklist',
    intro: 'A checklist belongs to a record, which its row carries as `todo`.',
  },
  checklistItem: {
    title: 'Checklist items',
    file: 'checklist-item',
    entity: 'ChecklistItem',
    intro:
      'An item belongs to a checklist, which its row carries as `checklist`; its assignees are `checklistItemUsers`.',
  },
  list: {
    title: 'Lists',
    file: 'list',
    entity: 'TodoList',
    intro: 'A list is a column of a workspace, which its row carries as `project`.',
  },
  customField: {
    title: 'Custom fields',
    file: 'custom-field',
    entity: 'CustomField',
    intro: 'The definition of a field in a workspace. `TODO_CUSTOM_FIELD_UPDATED` reports the value of a record in it.',
  },
  tag: {
    title: 'Tags',
    file: 'tag',
    entity: 'Tag',
    intro: 'A tag of a workspace. `TODO_TAG_ADDED` and `TODO_TAG_REMOVED` report that a record got or lost it.',
  },
  comment: {
    title: 'Comments',
    file: 'comment',
    entity: 'Comment',
    intro: 'A comment on a record (`todo`), with its author (`user`).',
  },
};

/** What happened when an event arrives. */
const descriptions: Record<Name, string> = {
  TODO_CREATED: 'A record was created.',
  TODO_DELETED: 'A record was deleted.',
  TODO_MOVED: 'A record was moved to another list, or to another place in its list.',
  TODO_NAME_CHANGED: 'The title of a record was changed.',
  TODO_DONE_STATUS_UPDATED: 'A record was marked as done or as not done.',
  TODO_DUE_DATE_ADDED: 'A due date was added to a record.',
  TODO_DUE_DATE_UPDATED: "A record's due date was changed.",
  TODO_DUE_DATE_REMOVED: "A record's due date was removed.",
  TODO_ASSIGNEE_ADDED: 'Someone was assigned to a record.',
  TODO_ASSIGNEE_REMOVED: 'Someone is no longer assigned to a record.',
  TODO_TAG_ADDED: 'A tag was added to a record.',
  TODO_TAG_REMOVED: 'A tag was removed from a record.',
  TODO_CUSTOM_FIELD_UPDATED: "A record's value in a custom field was set, changed or cleared.",
  TODO_CHECKLIST_CREATED: 'A checklist was added to a record.',
  TODO_CHECKLIST_NAME_CHANGED: 'The title of a checklist was changed.',
  TODO_CHECKLIST_DELETED: 'A checklist was deleted.',
  TODO_CHECKLIST_ITEM_CREATED: 'An item was added to a checklist.',
  TODO_CHECKLIST_ITEM_NAME_CHANGED: 'The title of an item was changed.',
  TODO_CHECKLIST_ITEM_DELETED: 'An item was deleted.',
  TODO_CHECKLIST_ITEM_DUE_DATE_ADDED: 'A due date was added to an item.',
  TODO_CHECKLIST_ITEM_DUE_DATE_UPDATED: "An item's due date was changed.",
  TODO_CHECKLIST_ITEM_DUE_DATE_REMOVED: "An item's due date was removed.",
  TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED: 'Someone was assigned to an item.',
  TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED: 'Someone is no longer assigned to an item.',
  TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED: 'An item was marked as done or as not done.',
  TODO_LIST_CREATED: 'A list was added to a workspace.',
  TODO_LIST_DELETED: 'A list was deleted.',
  TODO_LIST_NAME_CHANGED: 'The title of a list was changed.',
  CUSTOM_FIELD_CREATED: 'A custom field was added to a workspace.',
  CUSTOM_FIELD_DELETED: 'A custom field was deleted.',
  CUSTOM_FIELD_UPDATED: "A custom field's definition was changed: its name, its options, its settings.",
  TAG_CREATED: 'A tag was added to a workspace.',
  TAG_DELETED: 'A tag was deleted.',
  TAG_UPDATED: 'The title or colour of a tag was changed.',
  COMMENT_CREATED: 'Someone commented on a record.',
  COMMENT_DELETED: 'A comment was deleted. Blue blanks its text and keeps the row, with `deletedAt`.',
  COMMENT_UPDATED: "A comment's text was changed.",
};

const assigneeNote =
  'Of the mutations of the API, only `setRecordAssignees` fires it: `addRecordAssignees` and `removeRecordAssignees` do not.';

/** Notes on an event. */
const notes: Partial<Record<Name, string>> = {
  TODO_CREATED:
    'Some pages of the Blue documentation show `RECORD_CREATED` instead, with `record`, `company`, `project` and `user`: register a handler for both to be safe. The sample is the delivery that Blue has published, byte for byte; it has no `previousValue`.',
  TODO_ASSIGNEE_ADDED: assigneeNote,
  TODO_ASSIGNEE_REMOVED: assigneeNote,
  TODO_DONE_STATUS_UPDATED:
    'The sample is as Blue documents it: a few fields of the row, not all of them. Rely on `id` and `title`.',
  CUSTOM_FIELD_DELETED:
    'There is an older form, with `projectId` and `timestamp` and without `webhook`; `event.webhook === null` narrows to it.',
};

/** The pages of the events, by their paths below docs/reference. */
export function eventPages(): Map<string, string> {
  const changes = typicalChanges();
  const pages = Object.entries(families).map(([family, { title, file, entity, intro }]) => {
    const sections = namesOf(family as EventFamily).map((name) => section(name, changes));
    const text = `# ${title}\n\n${intro} The type is \`${entity}\`.\n\n${sections.join('\n')}`;
    return [`events/${file}.md`, text] as const;
  });
  return new Map([['events/README.md', index()], ...pages]);
}

function index(): string {
  const rows = Object.entries(families).flatMap(([family, { file, entity }]) =>
    namesOf(family as EventFamily).map(
      (name) =>
        `| [\`${name}\`](./${file}.md#${anchorOf(name)}) | \`${entity}\` | ${actionOf(name)} | ${descriptions[name]} |`,
    ),
  );
  return `# Events

The ${rows.length} events that a webhook can subscribe to. \`receiver.on(name, handler)\` takes a name, a list of names, or a family such as
\`eventNames.comment\`; the event is typed accordingly.

| event | entity | action | |
| --- | --- | --- | --- |
${rows.join('\n')}

Created: \`previousValue\` is \`null\`. Deleted: \`currentValue\` is \`null\`. Updated: both are there, except where a
delivery omits \`previousValue\`.

## Other shapes

- \`WEBHOOK_HEALTH_CHECK\` is sent before a webhook is enabled again. It is acknowledged automatically; \`.on\` can observe it.
- \`RECORD_CREATED\` and a \`CUSTOM_FIELD_DELETED\` with \`timestamp\` are older documented shapes. They are typed as their own
  members of the union.
- Any other name is \`{ event: 'UNKNOWN', name, payload, reason }\`: acknowledged, and offered to \`.onUnknown\`. See
  [drift and unknown events](../../concepts/drift.md).
`;
}

function section(name: Name, changes: ReadonlyMap<string, string>): string {
  const note = notes[name];
  const typical = actionOf(name) === 'updated' ? `Changes in addition to \`updatedAt\`: ${changes.get(name)}.\n\n` : '';
  return `## ${name}

${descriptions[name]} ${shapes[actionOf(name)]}

${typical}${note ? `${note}\n\n` : ''}<details>
<summary>A sample</summary>

\`\`\`json
${JSON.stringify(fixtures[name], null, 2)}
\`\`\`

</details>
`;
}

const shapes = {
  created: '`currentValue` is the entity; `previousValue` is `null`.',
  deleted: '`previousValue` is the entity as it was; `currentValue` is `null`.',
  updated: '`previousValue` and `currentValue` are the entity before and after.',
};

/** What each update changed in the simulated workspace: always, or sometimes. `updatedAt` moves with each. */
function typicalChanges(): Map<string, string> {
  const steps = new Map<string, ScenarioStep[]>();
  for (const seed of [1, 2, 3]) {
    for (const step of scenario({ seed, records: 100, days: 5 })) {
      steps.set(step.event, [...(steps.get(step.event) ?? []), step]);
    }
  }
  return new Map([...steps].map(([event, list]) => [event, said(list)]));
}

function said(steps: readonly ScenarioStep[]): string {
  const counts = new Map<string, number>();
  for (const { changes } of steps) {
    for (const field of new Set(changes.map(({ field }) => field))) counts.set(field, (counts.get(field) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const always = sorted.filter(([, count]) => count === steps.length).map(([field]) => `\`${field}\``);
  const sometimes = sorted.filter(([, count]) => count < steps.length).map(([field]) => `\`${field}\``);
  const parts = [always.join(' and '), sometimes.length > 0 ? `sometimes ${sometimes.join(', ')}` : ''];
  return parts.filter((part) => part !== '').join(', ');
}

function actionOf(name: Name): keyof typeof shapes {
  const { previousValue, currentValue } = fixtures[name] as { previousValue?: unknown; currentValue?: unknown };
  if (currentValue === null) return 'deleted';
  return previousValue ? 'updated' : 'created';
}

const namesOf = (family: EventFamily) => eventNames[family] as readonly Name[];
const anchorOf = (name: string) => name.toLowerCase();
