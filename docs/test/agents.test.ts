import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
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

test('ARCHITECTURE.md names files and folders that exist', () => {
  const listed = execFileSync('git', ['ls-files', 'packages'], { cwd: root, encoding: 'utf8' });
  const sources = listed.split('\n').map((path) => path.replace(/^packages/, ''));
  const missing: string[] = [];
  let named = 0;
  for (const line of readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('\n')) {
    let folder = ''; // a path without a folder lies beside the one before it on its line
    for (const [, span = ''] of line.matchAll(/`([\w./{},-]+(?:\.ts|\/))`/g)) {
      for (const path of alternatives(span.replace(/^packages\//, ''))) {
        named += 1;
        const whole = path.replace(/\/$/, '');
        const places = path.includes('/src/') || folder === '' ? [`/${whole}`] : [`${folder}/${whole}`, `/${whole}`];
        const place = places.find((end) =>
          sources.some((source) => source.endsWith(end) || source.includes(`${end}/`)),
        );
        if (!place || (folder !== '' && !path.includes('/') && place !== places[0]))
          missing.push(`${span} in: ${line}`);
        if (path.includes('/src/')) folder = posix.dirname(`/${whole}`);
      }
    }
  }
  expect(missing).toEqual([]);
  expect(named).toBeGreaterThan(40);
});

/** `{a,b}/c` as `a/c` and `b/c`. */
function alternatives(path: string): readonly string[] {
  const [, before = '', choices, after = ''] = /^(.*?)\{([^}]+)\}(.*)$/.exec(path) ?? [];
  return choices === undefined ? [path] : choices.split(',').map((choice) => `${before}${choice}${after}`);
}
