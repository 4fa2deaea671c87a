import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { promises } from '../promises';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => {
  const file = resolve(root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};
const onOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

test('there are promises, each named once', () => {
  expect(promises.length).toBeGreaterThan(40);
  expect(new Set(promises.map(({ says }) => says)).size).toBe(promises.length);
});

describe.each(promises)('$document: $says', ({ says, document, file, contract, test: title, broken }) => {
  test('stands in its document', () => {
    expect(onOneLine(read(document))).toContain(onOneLine(says));
  });

  test('is guarded by a test of this title', () => {
    expect(read(file), file).not.toBe('');
    expect(read(contract ?? file)).toContain(title);
  });

  test('can be broken by one edit', () => {
    expect(broken.from).not.toBe(broken.to);
    expect(read(broken.file).split(broken.from)).toHaveLength(2);
  });
});

test('no package but the two commands writes to the console', () => {
  const listed = execFileSync('git', ['ls-files', 'packages/*/src/*.ts'], { cwd: root, encoding: 'utf8' }).split('\n');
  const sources = listed.filter((path) => path !== '' && !/^packages\/(cli|create)\//.test(path));
  expect(sources.length).toBeGreaterThan(100);
  const writing = sources.filter((path) => /\bconsole\.|process\.std(out|err)/.test(code(read(path))));
  expect(writing).toEqual([]);
});

/** A source without its comments, which show examples. */
const code = (source: string): string => source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
