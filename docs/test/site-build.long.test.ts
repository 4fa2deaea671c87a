import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { pagesAsTheyAre } from '../generator/pages';
import { deadLinks } from './links';

const docs = resolve(import.meta.dirname, '..');
const site = join(docs, '.vitepress/dist');

/** The environment of a terminal: the command that runs the tests adds its own variables and paths. */
const environment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST)/i.test(name)));

describe('the built site', () => {
  const html = new Map<string, string>();

  // VitePress itself rejects a link to a missing page.
  beforeAll(async () => {
    await promisify(execFile)('npm', ['run', 'docs'], { cwd: resolve(docs, '..'), env: environment() });
    for (const path of readdirSync(site, { recursive: true, encoding: 'utf8' })) {
      if (path.endsWith('.html')) html.set(path, readFileSync(join(site, path), 'utf8'));
    }
  }, 300_000);

  test('has a page for each of the documents', () => {
    const expected = [...pagesAsTheyAre().keys()].map((path) =>
      `docs/${path}`.replace(/README\.md$/, 'index.md').replace(/md$/, 'html'),
    );
    expect([...html.keys()]).toEqual(expect.arrayContaining([...expected, 'index.html', 'packages/core/index.html']));
  });

  test('has llms.txt and llms-full.txt, the schemas, and the Markdown that they lead to', () => {
    for (const path of [
      'llms.txt',
      'llms-full.txt',
      'asyncapi.json',
      'events.schema.json',
      'docs/start.md',
      'packages/core/README.md',
    ]) {
      expect(existsSync(join(site, path)), path).toBe(true);
    }
  });

  test('has no link that leads nowhere, not even within a page', () => {
    expect(deadLinks(html, site)).toEqual([]);
  });
});
