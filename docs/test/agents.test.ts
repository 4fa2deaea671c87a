import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

test('AGENTS.md names commands and files that exist', () => {
  const text = readFileSync(join(root, 'AGENTS.md'), 'utf8');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string);
  expect(named.length).toBeGreaterThan(5);
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
  const files = [
    ...[...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link),
    ...[...text.matchAll(/`((?:packages|docs|tools)\/[\w./-]+)`/g)].map(([, path]) => path),
  ];
  for (const file of files) expect(existsSync(join(root, file as string)), file).toBe(true);
});
