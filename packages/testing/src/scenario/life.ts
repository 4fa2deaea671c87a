import * as checklists from './checklist-actions';
import * as comments from './comment-actions';
import type { ScenarioStep } from './journal';
import * as records from './record-actions';
import * as settings from './setting-actions';
import type { Workspace } from './workspace';

/** The maximum number of existing records: above it, one is deleted. */
const MAX_RECORDS = 200;

/** The actions of the simulated users, and their relative frequencies. */
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
/** Creates the initial lists, tags and fields of a workspace. */
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

/** Performs one random action. */
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
