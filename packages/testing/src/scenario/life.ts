import * as checklists from './checklist-actions';
import * as comments from './comment-actions';
import type { ScenarioStep } from './journal';
import * as records from './record-actions';
import * as settings from './setting-actions';
import type { Workspace } from './workspace';

/** How many records there are at once, at most: who has more deletes one. */
const MAX_RECORDS = 200;

/** What people do, and how often compared with the rest. */
const habits: readonly (readonly [records.Action, number])[] = [
  [records.moveRecord, 12],
  [records.renameRecord, 5],
  [records.tickRecord, 8],
  [records.scheduleRecord, 10],
  [records.assignRecord, 11],
  [records.tagRecord, 9],
  [records.fillInRecord, 12],
  [records.deleteRecord, 3],
  [checklists.createChecklist, 5],
  [checklists.renameChecklist, 2],
  [checklists.deleteChecklist, 1],
  [checklists.createItem, 9],
  [checklists.renameItem, 2],
  [checklists.tickItem, 8],
  [checklists.scheduleItem, 6],
  [checklists.assignItem, 5],
  [checklists.deleteItem, 2],
  [comments.createComment, 10],
  [comments.updateComment, 3],
  [comments.deleteComment, 2],
  [settings.createList, 2],
  [settings.renameList, 2],
  [settings.deleteList, 2],
  [settings.createTag, 2],
  [settings.updateTag, 2],
  [settings.deleteTag, 2],
  [settings.createField, 2],
  [settings.updateField, 2],
  [settings.deleteField, 2],
];
const habitsWeight = habits.reduce((sum, [, weight]) => sum + weight, 0);

const { createList, createTag, createField } = settings;
/** What a workspace begins with. */
export const beginnings: readonly records.Action[] = [
  createList,
  createList,
  createList,
  createTag,
  createTag,
  createField,
  createField,
  createField,
];

/** Lets somebody do something. */
export function live(workspace: Workspace): ScenarioStep {
  if (workspace.records.size > MAX_RECORDS) return records.deleteRecord(workspace) as ScenarioStep;
  for (;;) {
    const step = habit(workspace)(workspace);
    if (step) return step;
  }
}

function habit(workspace: Workspace): records.Action {
  let left = workspace.random() * habitsWeight;
  for (const [action, weight] of habits) {
    left -= weight;
    if (left < 0) return action;
  }
  return comments.createComment;
}
