import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogue } from '../src/events';

const entities = {
  record: 'Todo',
  checklist: 'Checklist',
  checklistItem: 'ChecklistItem',
  list: 'TodoList',
  customField: 'CustomField',
  tag: 'Tag',
  comment: 'Comment',
} as const satisfies Record<keyof typeof catalogue, string>;

test('the table of events in the README follows from the catalogue', () => {
  const rows = Object.entries(catalogue).flatMap(([family, { events }]) =>
    Object.entries(events).map(
      ([name, action]) => `| \`${name}\` | ${entities[family as keyof typeof entities]} | ${action} |`,
    ),
  );
  const table = ['| event | entity | action |', '|---|---|---|', ...rows].join('\n');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme.split('<!-- events -->\n')[1]?.split('\n<!-- /events -->')[0]).toBe(table);
});
