import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogue } from '../src/events/catalogue';

test('the table of events in the README follows from the catalogue', () => {
  const rows = Object.values(catalogue).flatMap(({ entity, events }) =>
    Object.entries(events).map(([name, action]) => [`\`${name}\``, entity, action]),
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
