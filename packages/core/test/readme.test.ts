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
  const families = Object.keys(catalogue) as (keyof typeof catalogue)[];
  const rows = families.flatMap((family) =>
    Object.entries(catalogue[family].events).map(([name, action]) => [`\`${name}\``, entities[family], action]),
  );
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, table = ''] = /<!-- events -->\n+(.*?)\n+<!-- \/events -->/s.exec(readme) ?? [];
  const [head, , ...written] = table.split('\n').map(cellsOf); // the second line is the rule under the head
  expect(head).toEqual(['event', 'entity', 'action']);
  expect(written).toEqual(rows);
  expect(rows).toHaveLength(37);
});

/** A line's cells, however the formatter has padded them. */
function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
